"""Weights, images and labels from a formula, the same bits as formula_weights.ts gives.

A ResNet-18 has too many weights to store beside a test. So both sides compute them: an integer hash
of the index and of the tensor's name, scaled by the tensor's kind and fan-in.
"""
import numpy as np
import torch


def _name_hash(name):
    value = 0x811C9DC5  # FNV-1a
    for byte in name.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def uniform(name, size):
    """`size` numbers in [0, 1), float64, exact multiples of 2^-32."""
    k = np.arange(1, size + 1, dtype=np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    h = (k * np.uint64(0x9E3779B1) + np.uint64(_name_hash(name))) & mask
    h ^= h >> np.uint64(15)
    h = (h * np.uint64(0x85EBCA77)) & mask
    h ^= h >> np.uint64(13)
    h = (h * np.uint64(0xC2B2AE3D)) & mask
    h ^= h >> np.uint64(16)
    return h.astype(np.float64) / 2.0**32


def tensor(name, shape):
    """The float32 value of one named tensor in PyTorch's layout."""
    size = int(np.prod(shape))
    centred = 2 * uniform(name, size) - 1
    if name.endswith("running_var"):
        values = 1 + 0.3 * centred
    elif name.endswith("running_mean") or name.endswith("bias"):
        values = 0.1 * centred
    elif len(shape) == 1:
        values = 1 + 0.2 * centred
    elif len(shape) == 2:
        values = centred / np.sqrt(shape[1])
    else:
        values = centred * np.sqrt(6 / (shape[1] * shape[2] * shape[3]))
    return torch.tensor(values.astype(np.float32).reshape(shape))


def fill(model):
    """Overwrites every parameter and running statistic of a model."""
    state = model.state_dict()
    for name in state:
        if not name.endswith("num_batches_tracked"):
            state[name] = tensor(name, tuple(state[name].shape))
    model.load_state_dict(state)
    return model


def image_bytes(n):
    """[n, 32, 32, 3] bytes: noise around a brightness that depends on the image."""
    noise = uniform("images", n * 3072).reshape(n, 3072)
    level = uniform("levels", n).reshape(n, 1)
    return np.floor(256 * (0.5 * noise + 0.5 * level)).astype(np.uint8).reshape(n, 32, 32, 3)


def labels(n):
    """n class indices."""
    return ((np.arange(n) * 7 + 3) % 10).astype(np.int64)


def pixels(n):
    """The images as PyTorch takes them: [n, 3, 32, 32] float32 in [0, 1]."""
    return torch.tensor(image_bytes(n).astype(np.float32) / np.float32(255)).permute(0, 3, 1, 2).contiguous()
