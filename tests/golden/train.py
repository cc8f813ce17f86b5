"""Losses of full-batch training of torchvision's resnet18 on formula weights and images.

Run: python train.py > train.json
"""
import json
import sys

import torch
import torchvision

from formula_weights import fill, labels, pixels
from torchvision_models import build

N = 64
STEPS = 6
# Rates at which PyTorch agrees with itself: at 0.01 and 32 images its two memory layouts already
# differ by 0.6 % at the third step, because one ReLU near zero falls on the other side.
CASES = [
    {"optimizer": "sgd", "learningRate": 0.002, "momentum": 0.9, "weightDecay": 5e-4},
    {"optimizer": "sgd", "learningRate": 0.002, "momentum": 0.0, "weightDecay": 0.1},
    {"optimizer": "adam", "learningRate": 1e-4, "momentum": 0.9, "weightDecay": 0.0},
    {"optimizer": "adam", "learningRate": 1e-4, "momentum": 0.9, "weightDecay": 0.01},
]


def make(case, parameters):
    if case["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=case["learningRate"], momentum=case["momentum"],
                               weight_decay=case["weightDecay"])
    return torch.optim.Adam(parameters, lr=case["learningRate"], weight_decay=case["weightDecay"])


def losses(case):
    x, y = pixels(N), torch.tensor(labels(N))
    model = fill(build("imagenet")).train()
    optimizer = make(case, model.parameters())
    result = []
    for _ in range(STEPS):
        loss = torch.nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        result.append(loss.item())
    return result


torch.set_num_threads(1)
json.dump({
    "generator": "tests/golden/train.py",
    "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    "n": N,
    "cases": [{**case, "losses": losses(case)} for case in CASES],
}, sys.stdout, indent=1)
