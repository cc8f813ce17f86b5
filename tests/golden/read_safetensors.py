"""Prints what Python's safetensors reads from every file of a folder, one line of JSON a file.

Run: python read_safetensors.py FOLDER   (safetensors, numpy)
"""
import hashlib
import json
import os
import sys

import numpy
import safetensors

TYPES = {"float32": "F32", "int32": "I32", "bool": "BOOL"}

folder = sys.argv[1]
for name in sorted(os.listdir(folder)):
    with safetensors.safe_open(os.path.join(folder, name), framework="numpy") as file:
        tensors = []
        for key in file.keys():
            tensor = numpy.ascontiguousarray(file.get_tensor(key)).reshape(
                file.get_slice(key).get_shape())
            digest = hashlib.sha256(tensor.tobytes()).hexdigest()
            tensors.append([key, [TYPES[str(tensor.dtype)], list(tensor.shape), digest]])
        metadata = list((file.metadata() or {}).items())
        print(json.dumps({"name": name, "metadata": metadata, "tensors": tensors}))
