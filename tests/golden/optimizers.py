"""Weights of a small model after some epochs of one step each, with PyTorch's optimizers, learning-rate
schedulers and gradient clipping.

Run: python optimizers.py > optimizers.json
"""
import json
import sys
import warnings

import torch

EPOCHS = 8
RATE = 0.1
# The gradients' norm falls from 16: a bound of 10 clips the first steps, one of 1 all.
CASES = [
    {"kind": "sgd", "momentum": 0.9, "nesterov": True},
    {"kind": "sgd", "momentum": 0.5, "nesterov": True, "weightDecay": 0.1},
    {"kind": "sgd", "momentum": 0.9, "weightDecay": 0.1, "decayBiasAndNorm": False},
    {"kind": "sgd", "momentum": 0.0, "weightDecay": 0.1, "decayBiasAndNorm": False},
    {"kind": "adam", "weightDecay": 0.1, "decayBiasAndNorm": False},
    {"kind": "sgd", "momentum": 0.9, "gradientClip": 10.0},
    {"kind": "adam", "gradientClip": 1.0},
    {"kind": "sgd", "momentum": 0.9, "nesterov": True, "weightDecay": 0.1, "decayBiasAndNorm": False,
     "gradientClip": 1.0},
]
SCHEDULES = [
    {"schedule": "cosine", "warmupEpochs": 0},
    {"schedule": "cosine", "warmupEpochs": 3},
    {"schedule": "cosine", "warmupEpochs": 7},
    {"schedule": "constant", "warmupEpochs": 4},
    {"schedule": "multistep", "warmupEpochs": 2},
]
X = [[0.5, -1.0], [1.5, 2.0], [-0.5, 0.25]]
TARGET = [[1.0, 0.0, -1.0], [2.0, -1.0, 0.5], [0.0, 1.0, 1.0]]
W = [[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]]
B = [0.5, -1.0, 2.0]


def scheduler(optimizer, schedule, warmup, epochs):
    lr = torch.optim.lr_scheduler
    after = epochs - warmup
    if schedule == "cosine":
        main = lr.CosineAnnealingLR(optimizer, T_max=after)
    elif schedule == "constant":
        main = lr.ConstantLR(optimizer, factor=1.0, total_iters=0)
    else:  # milestones 0.5 and 0.75 of all epochs, counted from the first one
        milestones = [int(epochs * part) - warmup for part in (0.5, 0.75)]
        main = lr.MultiStepLR(optimizer, milestones=milestones, gamma=0.1)
    if warmup == 0:
        return main
    rise = lr.LinearLR(optimizer, start_factor=1 / warmup, end_factor=1.0,
                       total_iters=max(warmup - 1, 1))
    return lr.SequentialLR(optimizer, [rise, main], milestones=[warmup])


def rates(case):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=RATE)
    steps = scheduler(optimizer, case["schedule"], case["warmupEpochs"], EPOCHS)
    result = []
    for _ in range(EPOCHS):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        steps.step()
    return result


def train(case):
    w = torch.nn.Parameter(torch.tensor(W, dtype=torch.float64))
    b = torch.nn.Parameter(torch.tensor(B, dtype=torch.float64))
    decay = case.get("weightDecay", 0.0)
    groups = [
        {"params": [w], "weight_decay": decay},
        {"params": [b], "weight_decay": decay if case.get("decayBiasAndNorm", True) else 0.0},
    ]
    if case["kind"] == "sgd":
        optimizer = torch.optim.SGD(groups, lr=RATE, momentum=case["momentum"],
                                    nesterov=case.get("nesterov", False))
    else:
        optimizer = torch.optim.Adam(groups, lr=RATE)
    x, target = (torch.tensor(values, dtype=torch.float64) for values in (X, TARGET))
    norms = []
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        loss = ((x @ w + b - target) ** 2).sum()
        loss.backward()
        if "gradientClip" in case:
            norms.append(torch.nn.utils.clip_grad_norm_([w, b], case["gradientClip"]).item())
        optimizer.step()
    return {"w": w.tolist(), "b": b.tolist(), "norms": norms}


warnings.simplefilter("ignore")
json.dump({
    "generator": "tests/golden/optimizers.py",
    "versions": {"torch": torch.__version__},
    "epochs": EPOCHS,
    "learningRate": RATE,
    "start": {"x": X, "target": TARGET, "w": W, "b": B},
    "cases": [{"options": case, **train(case)} for case in CASES],
    "schedules": [{**case, "rates": rates(case)} for case in SCHEDULES],
}, sys.stdout, indent=1)
