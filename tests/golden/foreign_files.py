"""Small files that people take for checkpoints, and names and shapes of torchvision's networks.

Run: python foreign_files.py > foreign_files.json   (torch, torchvision, numpy, h5py, onnx, gguf)
"""
import base64
import collections
import gzip
import io
import json
import os
import pickle
import re
import sys
import tarfile
import tempfile

import gguf
import h5py
import numpy
import onnx
import torch
import torchvision

WEIGHT = torch.arange(4.0)


class Identity(torch.nn.Module):
    def forward(self, x):
        return x


def written(write):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        write(path)
        found = [os.path.join(folder, name) for name in os.listdir(folder)]
        with open(found[0], "rb") as file:
            return file.read()


def save_hdf5(path):
    with h5py.File(path, "w") as file:
        file["weight"] = WEIGHT.numpy()


def save_onnx(path):
    tensor = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    out = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([node], "graph", [tensor], [out])
    onnx.save(onnx.helper.make_model(graph, producer_name="pytorch"), path)


def save_gguf(path):
    writer = gguf.GGUFWriter(path, "llama")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


state = {"weight": WEIGHT}
files = {
    "PyTorch file (.pt, .pth: a zip with a pickle)": written(lambda path: torch.save(state, path)),
    "PyTorch file of the old form": written(
        lambda path: torch.save(state, path, _use_new_zipfile_serialization=False)),
    "TorchScript file": written(lambda path: torch.jit.save(torch.jit.script(Identity()), path)),
    "NumPy archive (.npz)": written(
        lambda path: numpy.savez(path, **{"weight": WEIGHT.numpy()})),
    "NumPy array (.npy)": written(lambda path: numpy.save(path, WEIGHT.numpy())),
    "HDF5 file": written(save_hdf5),
    "ONNX file": written(save_onnx),
    "GGUF file": written(save_gguf),
    "Python pickle": pickle.dumps({"weight": [0.0, 1.0]}),
    "compressed with gzip": gzip.compress(b"weights", mtime=0),
}

# As every protocol writes a dictionary, a list and, by name, a class.
pickles = [pickle.dumps(value, protocol)
           for value in ({"weight": [0.0, 1.0]}, [1], collections.OrderedDict(weight=1.0))
           for protocol in range(6)]


def tar_of(names):
    """A tar archive as torch.save wrote it before version 0.1.10, which no version writes any more."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in names:
            content = pickle.dumps({"protocol_version": 1000}, 2)
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return whole.getvalue()


files["PyTorch file of the oldest form (a tar archive)"] = tar_of(
    ["sys_info", "pickle", "tensors", "storages"])
files["it is a tar archive"] = tar_of(["model/weights.bin"])

KEPT = re.compile(r"^(conv1|bn1|fc)\.|^layer\d\.\d+\.(conv\d|bn1|downsample\.0)\.weight$")


def shapes(name):
    """All that tells a ResNet; of other networks the first and last tensors."""
    model = torchvision.models.get_model(name, weights=None)
    all_shapes = {key: list(value.shape) for key, value in model.state_dict().items()}
    if name.startswith(("resnet", "wide_resnet", "resnext")):
        return {key: value for key, value in all_shapes.items() if KEPT.match(key)}
    names = list(all_shapes)
    return {key: all_shapes[key] for key in names[:8] + names[-4:]}


NETWORKS = ["resnet18", "resnet34", "resnet50", "resnet101", "wide_resnet50_2", "resnext50_32x4d",
            "alexnet", "vgg11_bn", "densenet121", "mobilenet_v2", "efficientnet_b0", "vit_b_16",
            "convnext_tiny"]
json.dump({
    "generator": "tests/golden/foreign_files.py",
    "versions": {module.__name__: module.__version__ for module in (torch, torchvision, numpy, h5py, onnx)},
    "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
    "pickles": [base64.b64encode(data).decode() for data in pickles],
    "networks": {name: shapes(name) for name in NETWORKS},
}, sys.stdout, separators=(",", ":"))
print()
