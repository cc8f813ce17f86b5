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
    # The decay, the clip and the momentum each move these losses by more than the test allows.
    {"optimizer": "sgd", "learningRate": 0.01, "momentum": 0.9, "weightDecay": 0.5, "nesterov": True,
     "decayBiasAndNorm": False, "gradientClip": 0.5, "schedule": "cosine", "warmupEpochs": 2},
]


def make(case, parameters):
    parameters = list(parameters)
    vectors_decay = case["weightDecay"] if case.get("decayBiasAndNorm", True) else 0.0
    groups = [
        {"params": [one for one in parameters if one.ndim > 1], "weight_decay": case["weightDecay"]},
        {"params": [one for one in parameters if one.ndim <= 1], "weight_decay": vectors_decay},
    ]
    if case["optimizer"] == "sgd":
        return torch.optim.SGD(groups, lr=case["learningRate"], momentum=case["momentum"],
                               nesterov=case.get("nesterov", False))
    return torch.optim.Adam(groups, lr=case["learningRate"])


def schedule(case, optimizer):
    lr = torch.optim.lr_scheduler
    if case.get("schedule") != "cosine":
        return lr.ConstantLR(optimizer, factor=1.0, total_iters=0)
    warmup = case["warmupEpochs"]
    rise = lr.LinearLR(optimizer, start_factor=1 / warmup, total_iters=warmup - 1)
    fall = lr.CosineAnnealingLR(optimizer, T_max=STEPS - warmup)
    return lr.SequentialLR(optimizer, [rise, fall], milestones=[warmup])


def losses(case):
    x, y = pixels(N), torch.tensor(labels(N))
    model = fill(build("imagenet")).train()
    optimizer = make(case, model.parameters())
    rates = schedule(case, optimizer)
    result = []
    for _ in range(STEPS):
        loss = torch.nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        if "gradientClip" in case:
            torch.nn.utils.clip_grad_norm_(model.parameters(), case["gradientClip"])
        optimizer.step()
        rates.step()
        result.append(loss.item())
    return result


torch.set_num_threads(1)
json.dump({
    "generator": "tests/golden/train.py",
    "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    "n": N,
    "cases": [{**case, "losses": losses(case)} for case in CASES],
}, sys.stdout, indent=1)
