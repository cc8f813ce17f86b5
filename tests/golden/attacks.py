"""Golden values of the attacks from torchattacks on two small models.

Run: deno run -A attacks_start.ts > start.json && python attacks.py start.json > attacks.json
(needs torch, torchattacks, foolbox). start.json holds the library's own random starts, so that APGD,
whose first point is random, can be compared step for step.
"""

import json
import sys

import foolbox
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchattacks
from torchattacks.attacks.apgd import APGD

IMAGES, SIZE, CLASSES, EPSILON, L2_EPSILON = 12, 8, 10, 8 / 255, 0.5
torch.set_num_threads(1)
torch.manual_seed(3)


def numbers(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().double().numpy().ravel()]


def nhwc(images):
    return images.permute(0, 2, 3, 1)


def contiguous_gradient(x):
    """PGDL2 views the gradient as a matrix, which needs it in memory order."""
    if x.requires_grad:
        x.register_hook(lambda gradient: gradient.contiguous())
    return x


class Linear(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3 * SIZE * SIZE, CLASSES)

    def forward(self, x):
        return self.fc(nhwc(contiguous_gradient(x)).flatten(1))


class Convolutional(nn.Module):
    """Two valid convolutions and a linear layer on their maps, flattened channel last."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3)
        self.conv2 = nn.Conv2d(6, 8, 3, stride=2)
        self.fc = nn.Linear(32, CLASSES)

    def forward(self, x):
        x = contiguous_gradient(x)
        return self.fc(nhwc(F.relu(self.conv2(F.relu(self.conv1((x - 0.5) * 4))))).flatten(1))


def weights(model):
    """In the layouts of TensorFlow: HWIO and [in, out]."""
    result = {}
    for name, value in model.state_dict().items():
        if value.ndim == 4:
            value = value.permute(2, 3, 1, 0)
        if value.ndim == 2:
            value = value.T
        result[name] = {"shape": list(value.shape), "values": numbers(value)}
    return result


def round_weights(model, gain):
    for parameter in model.parameters():
        parameter.data = torch.tensor(numbers(parameter * gain), dtype=torch.float32).reshape(parameter.shape)
    return model.eval()


STEPS = {Linear: 3, Convolutional: 10}


def fit(model, x, y):
    """A few steps, so that predictions mean something and margins differ."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(STEPS[type(model)]):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()


def dlr(x, y, logits):
    z = logits.clone().requires_grad_()
    losses = APGD(Identity(), loss="dlr").dlr_loss(z, y)
    losses.sum().backward()
    return {"losses": numbers(losses), "gradient": numbers(z.grad)}


class Identity(nn.Module):
    def __init__(self):
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x


def apgd(model, x, y, starts, norm, loss, steps):
    epsilon = EPSILON if norm == "Linf" else L2_EPSILON
    attack = APGD(model, norm=norm, eps=epsilon, steps=steps, loss=loss)
    draws = torch.rand, torch.randn
    # attack_single_run maps rand to 2 rand - 1; hand it the given start.
    torch.rand = lambda shape: (starts["linf"] + 1) / 2
    torch.randn = lambda shape: starts["l2"]
    try:
        best, correct, losses, _ = attack.attack_single_run(x, y)
    finally:
        torch.rand, torch.randn = draws
    return {
        "norm": norm.lower(),
        "epsilon": epsilon,
        "steps": steps,
        "loss": loss,
        "losses": numbers(losses),
        "correct": [int(c) for c in correct],
    }


def fast_gradient(model, x, y):
    attack = foolbox.attacks.L2FastGradientAttack()
    _, images, _ = attack(foolbox.PyTorchModel(model, bounds=(0, 1)), x, y, epsilons=L2_EPSILON)
    return numbers(nhwc(images))


def case(name, model, x, y, starts):
    pgd = lambda steps: torchattacks.PGD(model, eps=EPSILON, alpha=2 / 255, steps=steps, random_start=False)
    targeted = pgd(3)
    targeted.set_mode_targeted_by_label(quiet=True)
    targets = (y + 3) % CLASSES
    l2 = torchattacks.PGDL2(model, eps=L2_EPSILON, alpha=0.2, steps=3, random_start=False)
    ten = pgd(10)(x, y)
    return {
        "name": name,
        "weights": weights(model),
        "logits": numbers(model(x)),
        "fgsm": numbers(nhwc(torchattacks.FGSM(model, eps=EPSILON)(x, y))),
        "pgd3": numbers(nhwc(pgd(3)(x, y))),
        "pgd10Loss": float(F.cross_entropy(model(ten), y).detach()),
        "targets": targets.tolist(),
        "targetedPgd3": numbers(nhwc(targeted(x, targets))),
        "l2Pgd3": numbers(nhwc(l2(x, y))),
        "l2Fgsm": fast_gradient(model, x, y),
        "dlr": dlr(x, y, model(x).detach()),
        "apgd": [
            apgd(model, x, y, starts, norm, loss, steps)
            for norm in ("Linf", "L2")
            for loss in ("ce", "dlr")
            for steps in (10, 50)
        ],
    }


starts = {
    norm: torch.tensor(draws, dtype=torch.float32).reshape(IMAGES, SIZE, SIZE, 3).permute(0, 3, 1, 2)
    for norm, draws in json.load(open(sys.argv[1])).items()
}
x = torch.rand(IMAGES, 3, SIZE, SIZE)
x[:, :, 0] = (x[:, :, 0] > 0.5).float()  # some pixels on the border of [0, 1]
x = torch.tensor(numbers(x), dtype=torch.float32).reshape(x.shape)
y = torch.arange(IMAGES) % CLASSES
models = []
for name, model, gain in (("linear", Linear(), 1.0), ("convolutional", Convolutional(), 1.0)):
    fit(model, x, y)
    models.append(case(name, round_weights(model, gain), x, y, starts))
print(json.dumps({
    "versions": {"torch": torch.__version__, "torchattacks": torchattacks.__version__, "foolbox": foolbox.__version__},
    "shape": [IMAGES, SIZE, SIZE, 3],
    "epsilon": EPSILON,
    "x": numbers(nhwc(x)),
    "labels": y.tolist(),
    "models": models,
}))
