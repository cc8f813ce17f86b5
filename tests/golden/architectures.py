"""Logits, features and statistics of further residual networks on formula weights and images.

The networks are written here from their papers, with the parameter names of torchvision,
akamaster/pytorch_resnet_cifar10 and RobustBench.

Run: python architectures.py > architectures.json
"""
import json
import sys

import torch
import torchvision
from torch import nn
from torch.nn import functional as F

from formula_weights import fill, pixels

N = 4
MEAN = [0.4, 0.45, 0.5]
STD = [0.25, 0.3, 0.2]


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


class Block(nn.Module):
    """Two 3 x 3 convolutions; the shortcut takes every second pixel and pads channels (option A)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.added = stride, outputs - inputs

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if self.added:
            half = self.added // 2
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, half))
        return torch.relu(y + x)


class CifarResNet(nn.Module):
    """6 k + 2 layers for 32 x 32 images."""

    def __init__(self, k, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(*[Block(16, 16, 1) for _ in range(k)])
        self.layer2 = nn.Sequential(Block(16, 32, 2), *[Block(32, 32, 1) for _ in range(k - 1)])
        self.layer3 = nn.Sequential(Block(32, 64, 2), *[Block(64, 64, 1) for _ in range(k - 1)])
        self.linear = nn.Linear(64, classes)

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        features = self.layer3(self.layer2(self.layer1(y))).mean((2, 3))
        return self.linear(features), features


class PreBlock(nn.Module):
    """Batch norm and ReLU before each convolution."""

    def __init__(self, inputs, outputs, stride, out_shortcut):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.out_shortcut = out_shortcut
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False))

    def forward(self, x):
        activated = torch.relu(self.bn1(x))
        passed = x
        if hasattr(self, "shortcut"):
            passed = self.shortcut(activated if self.out_shortcut else x)
        return self.conv2(torch.relu(self.bn2(self.conv1(activated)))) + passed


class PreActResNet18(nn.Module):
    def __init__(self, classes, bn_before_fc=False, out_shortcut=False):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        inputs = 64
        for k, (outputs, stride) in enumerate([(64, 1), (128, 2), (256, 2), (512, 2)], 1):
            blocks = [PreBlock(inputs, outputs, stride, out_shortcut), PreBlock(outputs, outputs, 1, out_shortcut)]
            setattr(self, f"layer{k}", nn.Sequential(*blocks))
            inputs = outputs
        self.bn = nn.BatchNorm2d(512) if bn_before_fc else None
        self.linear = nn.Linear(512, classes)

    def forward(self, x):
        y = self.conv1(x)
        for k in (1, 2, 3, 4):
            y = getattr(self, f"layer{k}")(y)
        if self.bn is not None:
            y = torch.relu(self.bn(y))
        features = y.mean((2, 3))
        return self.linear(features), features


class TorchvisionResNet34(nn.Module):
    """torchvision's, with its features beside the logits."""

    def __init__(self, stem, classes):
        super().__init__()
        model = torchvision.models.resnet34(num_classes=classes)
        if stem == "cifar":
            model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
            model.maxpool = nn.Identity()
        self.__dict__["inner"] = model

    def state_dict(self):
        return self.inner.state_dict()

    def load_state_dict(self, state):
        return self.inner.load_state_dict(state)

    def named_parameters(self):
        return self.inner.named_parameters()

    def zero_grad(self):
        self.inner.zero_grad()

    def train(self, mode=True):
        self.inner.train(mode)
        return self

    def forward(self, x):
        found = {}
        hook = self.inner.avgpool.register_forward_hook(lambda m, i, o: found.update(value=o.flatten(1)))
        logits = self.inner(x)
        hook.remove()
        return logits, found["value"]


CASES = {
    "resnet34": ({"stem": "cifar", "classes": 7}, lambda: TorchvisionResNet34("cifar", 7)),
    "resnet20": ({}, lambda: CifarResNet(3, 10)),
    "resnet32": ({"classes": 7}, lambda: CifarResNet(5, 7)),
    "resnet44": ({}, lambda: CifarResNet(7, 10)),
    "resnet56": ({"classes": 100}, lambda: CifarResNet(9, 100)),
    "preactresnet18": ({}, lambda: PreActResNet18(10)),
    "preactresnet18 v2": (
        {"bnBeforeFc": True, "outShortcut": True, "classes": 7},
        lambda: PreActResNet18(7, True, True),
    ),
}


def damped(model):
    """Formula weights with a quarter of each block's second batch norm, so that depth does not blow logits up."""
    fill(model)
    state = model.state_dict()
    for name in state:
        if name.endswith("bn2.weight"):
            state[name] = state[name] / 4
    model.load_state_dict(state)
    return model


def case(name):
    options, build = CASES[name]
    raw = pixels(N).requires_grad_()
    x = (raw - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    model = damped(build()).train(False)
    logits, features = model(x)
    (gradient,) = torch.autograd.grad(logits.square().sum(), raw)
    trained = damped(build()).train()
    with torch.no_grad():
        train_logits, _ = trained(x)
    state = trained.state_dict()
    statistics = [key for key in state if key.endswith(("running_mean", "running_var"))]
    return {
        "name": name, "architecture": name.split()[0], "options": options,
        "parameters": sum(p.numel() for _, p in model.named_parameters()),
        "names": sorted(key for key in state if not key.endswith("num_batches_tracked")),
        "logits": rounded(logits), "features": rounded(features[:, :16]),
        "gradientNorms": rounded(gradient.flatten(1).norm(dim=1)),
        "trainLogits": rounded(train_logits),
        "statistics": {key: rounded(state[key][:16]) for key in (statistics[0], statistics[-1])},
    }


torch.set_num_threads(1)
json.dump({
    "generator": "tests/golden/architectures.py",
    "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    "n": N, "mean": MEAN, "std": STD,
    "cases": [case(name) for name in CASES],
}, sys.stdout, indent=None, separators=(",", ":"))
