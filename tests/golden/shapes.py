"""Logits and gradients of torchvision's resnet18 on images that are not 32 x 32 x 3.

Run: python shapes.py > shapes.json
"""
import json
import sys

import numpy as np
import torch
import torchvision
from torch import nn

from formula_weights import fill, uniform
from torchvision_models import build

N = 2
SHAPES = [[64, 64, 3], [28, 28, 1], [48, 32, 3], [32, 64, 1], [4, 12, 2],
          [30, 50, 3], [33, 31, 1], [17, 6, 2], [1, 1, 1]]
MEAN = [0.4, 0.45, 0.5]
STD = [0.25, 0.3, 0.2]
WEIGHTS = ["conv1.weight", "layer1.0.conv1.weight", "layer2.0.conv1.weight",
           "layer3.0.downsample.0.weight", "layer4.0.conv1.weight", "layer4.1.conv2.weight"]


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def images(shape):
    size = N * int(np.prod(shape))
    values = np.floor(256 * uniform("x".join(map(str, shape)), size)).astype(np.float32) / np.float32(255)
    return torch.tensor(values.reshape(N, *shape)).permute(0, 3, 1, 2).contiguous()


def case(shape, stem):
    height, width, channels = shape
    model = build(stem)
    first = model.conv1
    model.conv1 = nn.Conv2d(channels, 64, first.kernel_size, first.stride, first.padding, bias=False)
    fill(model).eval()
    x = images(shape).requires_grad_()
    mean = torch.tensor(MEAN[:channels]).view(1, channels, 1, 1)
    std = torch.tensor(STD[:channels]).view(1, channels, 1, 1)
    logits = model((x - mean) / std)
    logits.square().mean().backward()
    named = dict(model.named_parameters())
    gradient = x.grad.permute(0, 2, 3, 1).contiguous()
    return {
        "shape": shape, "stem": stem, "logits": rounded(logits),
        "inputGradient": rounded(gradient.flatten()[:: max(1, gradient.numel() // 96)]),
        "inputGradientNorm": rounded(gradient.norm())[0],
        "weightGradientNorms": {name: rounded(named[name].grad.norm())[0] for name in WEIGHTS},
    }


torch.set_num_threads(1)
json.dump({
    "generator": "tests/golden/shapes.py",
    "versions": {"torch": torch.__version__.split("+")[0],
                 "torchvision": torchvision.__version__.split("+")[0]},
    "n": N, "mean": MEAN, "std": STD,
    "cases": [case(shape, stem) for shape in SHAPES for stem in ("imagenet", "cifar")],
}, sys.stdout, indent=1)
