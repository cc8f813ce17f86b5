"""Golden values of AutoAttack's parts, DeepFool and C&W from torchattacks on a small model.

Run: deno run -A auto_attack_start.ts > start.json && python auto_attack.py start.json > auto_attack.json
(needs torch, torchattacks). Weights and images come from formula_weights.py; start.json holds the
library's own random start, so that APGD-T can be compared step for step.
"""

import json
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchattacks
from torchattacks.attacks.apgdt import APGDT

from formula_weights import fill, uniform

IMAGES, SIZE, CLASSES, EPSILON = 12, 8, 10, 0.015
# C&W counts a negative logit as 0 in torchattacks. Softmax and every gap between logits ignore a
# common shift, which keeps all logits positive.
SHIFT = 100.0
torch.set_num_threads(1)


def numbers(tensor, digits=7):
    return [float(f"{value:.{digits}g}") for value in tensor.detach().double().numpy().ravel()]


def nhwc(images):
    return images.permute(0, 2, 3, 1)


class Convolutional(nn.Module):
    """Two valid convolutions and a linear layer on their maps, flattened channel last."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3)
        self.conv2 = nn.Conv2d(6, 8, 3, stride=2)
        self.fc = nn.Linear(32, CLASSES)
        self.shift = 0.0

    def forward(self, x):
        maps = F.relu(self.conv2(F.relu(self.conv1((x - 0.5) * 4))))
        return self.fc(nhwc(maps).flatten(1)) + self.shift


class Identity(nn.Module):
    def __init__(self):
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x


def targeted_ratio(logits, y, targets):
    z = logits.clone().requires_grad_()
    losses = APGDT(Identity()).dlr_loss_targeted(z, y, targets)
    losses.sum().backward()
    return {"losses": numbers(losses), "gradient": numbers(z.grad)}


def apgd_t(model, x, y, start, rank, steps):
    attack = APGDT(model, eps=EPSILON, steps=steps)
    attack.target_class = rank + 2
    rand = torch.rand
    torch.rand = lambda shape: (start + 1) / 2  # attack_single_run maps rand to 2 rand - 1
    try:
        _, correct, losses, _ = attack.attack_single_run(x, y)
    finally:
        torch.rand = rand
    return {"rank": rank, "steps": steps, "losses": numbers(losses), "correct": [int(c) for c in correct]}


def lengths(a, b, norm):
    offset = (a - b).flatten(1).double()
    return numbers(offset.abs().max(1)[0] if norm == "Linf" else offset.norm(dim=1))


def fab(model, x, y, norm, epsilon, steps):
    attack = torchattacks.FAB(model, norm=norm, eps=epsilon, steps=steps, multi_targeted=True, n_classes=CLASSES)
    images = attack(x, y)
    return {
        "norm": norm.lower(),
        "epsilon": epsilon,
        "steps": steps,
        "fooled": [int(k) for k in model(images).argmax(1) != y],
        "lengths": lengths(images, x, norm),
        "images": numbers(nhwc(images), 6),
    }


def deep_fool(model, x, y):
    """Clipped moves creep up to the boundary, where rounding decides; from grey pixels one move crosses it."""
    images = torchattacks.DeepFool(model)(x, y)
    return {"images": numbers(nhwc(images), 6), "lengths": lengths(images, x, "L2")}


def carlini_wagner(model, x, y, **options):
    """One image at a time: a batch shares torchattacks' early stop."""
    attack = torchattacks.CW(model, **options)
    images = torch.cat([attack(x[k : k + 1], y[k : k + 1]) for k in range(len(y))])
    return {
        "options": {"learningRate" if name == "lr" else name: value for name, value in options.items()},
        "fooled": [int(k) for k in model(images).argmax(1) != y],
        "lengths": lengths(images, x, "L2"),
        "images": numbers(nhwc(images), 6),
    }


def auto_attack(model, x, y):
    """As AutoAttack is published, with 100 steps: torchattacks' own takes its attacks' default of 10."""
    shared = dict(eps=EPSILON, seed=0)
    parts = [
        torchattacks.APGD(model, steps=100, loss="ce", **shared),
        torchattacks.APGDT(model, steps=100, n_classes=CLASSES, **shared),
        torchattacks.FAB(model, steps=100, multi_targeted=True, n_classes=CLASSES, **shared),
        torchattacks.Square(model, n_queries=5000, n_restarts=1, **shared),
    ]
    images = torchattacks.MultiAttack(parts)(x, y)
    return {"correct": [int(k) for k in model(images).argmax(1) == y]}


start = torch.tensor(json.load(open(sys.argv[1])), dtype=torch.float32)
start = start.reshape(IMAGES, SIZE, SIZE, 3).permute(0, 3, 1, 2)
values = uniform("images", IMAGES * SIZE * SIZE * 3).astype(np.float32)
x = torch.tensor(values.reshape(IMAGES, SIZE, SIZE, 3)).permute(0, 3, 1, 2).contiguous()
x[:, :, 0] = (x[:, :, 0] > 0.5).float()  # some pixels on the border of [0, 1]
model = fill(Convolutional()).eval()
logits = model(x).detach()
y = logits.argmax(1)
y[-1] = (y[-1] + 1) % CLASSES  # one image is wrong unharmed
right = slice(0, IMAGES - 1)
targets = (y + 3) % CLASSES
result = {
    "versions": {"torch": torch.__version__, "torchattacks": torchattacks.__version__},
    "shape": [IMAGES, SIZE, SIZE, 3],
    "epsilon": EPSILON,
    "logits": numbers(logits),
    "labels": y.tolist(),
    "targets": targets.tolist(),
    "targetedRatio": targeted_ratio(logits, y, targets),
    "apgdT": [apgd_t(model, x[right], y[right], start[right], rank, 20) for rank in (0, 4, 8)],
    "fab": [fab(model, x, y, "Linf", 0.5, 20), fab(model, x, y, "L2", 5.0, 20), fab(model, x, y, "Linf", EPSILON, 20)],
    "deepFool": {"asTheyAre": deep_fool(model, x, y), "greyer": deep_fool(model, 0.1 + 0.8 * x, y)},
    "autoAttack": auto_attack(model, x, y),
}
model.shift = SHIFT
result["carliniWagner"] = [carlini_wagner(model, x, y), carlini_wagner(model, x, y, c=3, kappa=0.5, steps=30, lr=0.02)]
print(json.dumps(result))
