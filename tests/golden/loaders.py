"""Small dataset files with procedural pixels, and what independent readers make of them.

Run: python tests/golden/loaders.py   (needs numpy, scipy, torch)
Writes tests/fixtures/data/** and tests/golden/loaders.json.
"""

import gzip
import hashlib
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import scipy
import scipy.io
import torch

TESTS = Path(__file__).resolve().parent.parent
FIXTURES = TESTS / "fixtures" / "data"


def pixels(*shape):
    """Bytes of a formula; the low bits vary, so that a swapped axis shows."""
    index = np.arange(np.prod(shape), dtype=np.int64)
    return ((index * index * 31 + index * 7 + 11) % 251 % 256).astype(np.uint8).reshape(shape)


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def write(path, content):
    path = FIXTURES / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def idx(array):
    header = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


def mnist(prefix, count, folder="MNIST", start=0, packed=True):
    """Files of `count` images in MNIST's format; the pixels begin at image `start` of the formula."""
    images = pixels(start + count, 28, 28)[start:]
    labels = ((np.arange(count) + start) * 3 % 10).astype(np.uint8)
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        path = f"{folder}/{prefix}-{name}-ubyte"
        if packed:
            write(f"{path}.gz", gzip.compress(idx(array), mtime=0))
        else:
            write(path, idx(array))
    # As torchvision's reader returns them, then PyTorch's own resize.
    grey = torch.nn.functional.interpolate(
        torch.from_numpy(images)[:, None].float(), size=(32, 32), mode="bilinear", align_corners=False
    ).round()
    rgb = grey.to(torch.uint8).permute(0, 2, 3, 1).expand(-1, -1, -1, 3).numpy()
    return {"images": digest(rgb), "labels": labels.tolist(), "firstRow": rgb[0, 0, :, 0].tolist()}


def cifar(files):
    result = {"images": [], "labels": []}
    for number, (name, count) in enumerate(files):
        labels = ((np.arange(count) * 7 + number) % 10).astype(np.uint8)
        planes = pixels(count + number, 3, 32, 32)[number:]
        records = np.concatenate([labels[:, None], planes.reshape(count, -1)], axis=1)
        write(f"cifar-10-batches-bin/{name}", records.tobytes())
        result["images"].append(planes.transpose(0, 2, 3, 1))
        result["labels"] += labels.tolist()
    return {"images": digest(np.concatenate(result["images"])), "labels": result["labels"]}


def cifar100(name, count):
    """A file of CIFAR-100's binary version: coarse label, fine label, three planes."""
    fine = ((np.arange(count) * 37 + 63) % 100).astype(np.uint8)
    planes = pixels(count, 3, 32, 32)
    records = np.concatenate([(fine // 5)[:, None], fine[:, None], planes.reshape(count, -1)], axis=1)
    write(f"cifar-100-binary/{name}", records.tobytes())
    return {"images": digest(planes.transpose(0, 2, 3, 1)), "labels": fine.tolist()}


def read_svhn(path):
    """As torchvision.datasets.SVHN reads a file."""
    content = scipy.io.loadmat(path)
    images = np.transpose(content["X"], (3, 0, 1, 2)) if content["X"].ndim == 4 else content["X"][None]
    labels = content["y"].astype(np.int64).squeeze(axis=1) % 10
    return {"images": digest(images), "labels": labels.tolist()}


def svhn(name, count, **options):
    path = FIXTURES / "SVHN" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {
        "X": pixels(32, 32, 3, count),
        "y": ((np.arange(count) * 3) % 10 + 1).astype(np.uint8).reshape(-1, 1),
    }
    order = options.pop("order", ("X", "y"))
    extra = options.pop("extra", {})
    dtype = options.pop("y_type", np.uint8)
    arrays["y"] = arrays["y"].astype(dtype)
    content = {**extra, **{key: arrays[key] for key in order}}
    scipy.io.savemat(path, content, **options)
    return read_svhn(path)


def big_endian(name, count, packed):
    """scipy writes the machine's byte order only, so this file is put together by hand."""

    def element(kind, data, code):
        if len(data) <= 4:  # the small format
            return struct.pack(">HH", len(data), kind) + data.ljust(4, b"\0")
        return struct.pack(">II", kind, len(data)) + data + b"\0" * (-len(data) % 8)

    def matrix(key, array, array_class, kind, code):
        body = (
            struct.pack(">IIII", 6, 8, array_class, 0)
            + element(5, struct.pack(f">{array.ndim}i", *array.shape), "i")
            + element(1, key.encode(), "b")
            + element(kind, array.astype(code).tobytes(order="F"), code)
        )
        plain = struct.pack(">II", 14, len(body)) + body
        if not packed:
            return plain
        data = zlib.compress(plain)
        return struct.pack(">II", 15, len(data)) + data

    labels = ((np.arange(count) * 3) % 10 + 1).reshape(-1, 1)
    header = b"MATLAB 5.0 MAT-file, big-endian fixture".ljust(116) + b"\0" * 8 + b"\x01\x00MI"
    content = (
        header
        + matrix("y", labels, 6, 9, ">f8")
        + matrix("X", pixels(32, 32, 3, count), 9, 2, ">u1")
    )
    return read_svhn(write(f"SVHN/{name}", content))


def main():
    mat = {
        "train_32x32.mat": svhn("train_32x32.mat", 3, do_compression=True),
        "test_32x32.mat": svhn("test_32x32.mat", 2, do_compression=True, y_type=np.float64),
        "plain.mat": svhn("plain.mat", 2, do_compression=False),
        "single.mat": svhn("single.mat", 1, do_compression=False),
        "reordered.mat": svhn(
            "reordered.mat",
            2,
            do_compression=True,
            order=("y", "X"),
            extra={"note": "text", "other": np.eye(3), "cells": np.array([["a", 1]], dtype=object)},
            y_type=np.int32,
        ),
        "big_endian.mat": big_endian("big_endian.mat", 2, packed=False),
        "big_endian_packed.mat": big_endian("big_endian_packed.mat", 2, packed=True),
    }
    golden = {
        "versions": {"scipy": scipy.__version__, "torch": torch.__version__, "numpy": np.__version__},
        "mnist": {"train": mnist("train", 4), "test": mnist("t10k", 2)},
        "svhn": mat,
        "cifar10": {
            "train": cifar([(f"data_batch_{k}.bin", 1) for k in range(1, 6)]),
            "test": cifar([("test_batch.bin", 2)]),
        },
        "cifar100": {"train": cifar100("train.bin", 4), "test": cifar100("test.bin", 2)},
        # Packed as published, and unpacked below raw/ as torchvision leaves them.
        "fashionmnist": {
            "train": mnist("train", 3, "FashionMNIST", 1),
            "test": mnist("t10k", 2, "FashionMNIST", 2),
        },
        "kmnist": {
            "train": mnist("train", 3, "KMNIST/raw", 3, packed=False),
            "test": mnist("t10k", 2, "KMNIST/raw", 4, packed=False),
        },
    }
    path = TESTS / "golden" / "loaders.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
