"""Integrated gradients by captum on torchvision's resnet18 with weights from a formula.

Run: python integrated_gradients.py > integrated_gradients.json
"""
import json
import sys

import captum
import numpy as np
import torch
import torchvision
from captum.attr import IntegratedGradients

from formula_weights import fill, uniform
from torchvision_models import build

N, SIDE, STEPS = 2, 16, 8
LABELS = [3, 7]


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


torch.set_num_threads(1)
model = fill(build("cifar")).eval()
values = np.floor(256 * uniform("integrated", N * SIDE * SIDE * 3)).astype(np.float32) / np.float32(255)
x = torch.tensor(values.reshape(N, SIDE, SIDE, 3)).permute(0, 3, 1, 2).contiguous()
found = {}
for baseline in (0.0, 0.5):
    attributions = IntegratedGradients(model).attribute(
        x, baselines=torch.full_like(x, baseline), target=torch.tensor(LABELS),
        n_steps=STEPS, method="riemann_middle")
    flat = attributions.permute(0, 2, 3, 1).contiguous()
    found[str(baseline)] = {
        "sums": rounded(flat.flatten(1).sum(1)),
        "norms": rounded(flat.flatten(1).norm(dim=1)),
        "sample": rounded(flat.flatten()[::7]),
    }
json.dump({
    "generator": "tests/golden/integrated_gradients.py",
    "versions": {"captum": captum.__version__, "torch": torch.__version__.split("+")[0],
                 "torchvision": torchvision.__version__.split("+")[0]},
    "n": N, "side": SIDE, "steps": STEPS, "labels": LABELS, "baselines": found,
}, sys.stdout, indent=1)
