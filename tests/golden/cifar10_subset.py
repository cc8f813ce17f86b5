"""Writes data/manifests/cifar10_subset.csv from a directory that holds the subset.

Run: python tests/golden/cifar10_subset.py DIRECTORY   (DIRECTORY holds cifar-10-batches-bin/)
"""

import hashlib
import sys
from pathlib import Path

RECORD = 3073
lines = ["split,sha256_prefix,label"]
for split, name in (("train", "data_batch_1.bin"), ("test", "test_batch.bin")):
    content = (Path(sys.argv[1]) / "cifar-10-batches-bin" / name).read_bytes()
    for start in range(0, len(content), RECORD):
        record = content[start : start + RECORD]
        lines.append(f"{split},{hashlib.sha256(record[1:]).hexdigest()[:16]},{record[0]}")
path = Path(__file__).resolve().parents[2] / "data" / "manifests" / "cifar10_subset.csv"
path.write_text("\n".join(lines) + "\n")
