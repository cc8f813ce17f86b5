"""Robust accuracy of a checkpoint under torchattacks, beside ours: step 2 of robust_accuracy.ts.

Run: python robust_accuracy.py COMPARISON   (torch, torchvision, torchattacks, safetensors)
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torchattacks
import torchvision
from safetensors.torch import load_file

from torchvision_models import build

BATCH = 128
folder = Path(sys.argv[1])
ours = json.loads((folder / "ours.json").read_text())


class Normalized(nn.Module):
    """Pixels in [0, 1] go in: as in the lab, normalisation belongs to the model."""

    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))

    def forward(self, x):
        return self.network((x - self.mean) / self.std)


def load_model():
    options = ours["model"]
    if not options["batchNorm"]:
        variant = "no-bn"
    else:
        variant = options["stem"]
    network = build(variant)
    # A checkpoint to resume from also holds the optimizer's state.
    weights = {name: value for name, value in load_file(ours["checkpoint"]).items() if not name.startswith("optimizer.")}
    network.load_state_dict(weights, strict=True)
    return Normalized(network, options["mean"], options["std"]).eval()


def load_images():
    images = np.frombuffer((folder / "images.bin").read_bytes(), np.uint8).reshape(-1, 32, 32, 3)
    labels = np.frombuffer((folder / "labels.bin").read_bytes(), np.uint8)
    x = torch.tensor(images.transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255))
    # FAB views the gradient, which takes the images' layout, as a matrix.
    return x.contiguous(), torch.tensor(labels.astype(np.int64))


def attacks_on(model):
    epsilon, seed = ours["epsilon"], ours["seed"]
    apgd = lambda loss: torchattacks.APGD(model, eps=epsilon, steps=ours["apgdSteps"], loss=loss, seed=seed)
    steps = ours["pgdSteps"]
    return {
        "clean": lambda x, y: x,
        "noise": lambda x, y: (x + (2 * torch.rand_like(x) - 1) * epsilon).clamp(0, 1),
        "fgsm": torchattacks.FGSM(model, eps=epsilon),
        "pgd": torchattacks.PGD(model, eps=epsilon, alpha=2.5 * epsilon / steps, steps=steps),
        "apgd-ce": apgd("ce"),
        "apgd-dlr": apgd("dlr"),
        "fab": torchattacks.FAB(model, eps=epsilon, steps=ours["apgdSteps"], multi_targeted=True, seed=seed),
        "square": torchattacks.Square(model, eps=epsilon, n_queries=ours["queries"], n_restarts=1, seed=seed),
        "autoattack": auto_attack(model, epsilon, seed),
    }


def auto_attack(model, epsilon, seed):
    """The published standard version. torchattacks.AutoAttack takes its parts' default of 10 steps, not 100."""
    shared = dict(eps=epsilon, seed=seed)
    return torchattacks.MultiAttack([
        torchattacks.APGD(model, steps=100, loss="ce", **shared),
        torchattacks.APGDT(model, steps=100, **shared),
        torchattacks.FAB(model, steps=100, multi_targeted=True, **shared),
        torchattacks.Square(model, n_queries=5000, n_restarts=1, **shared),
    ])


def right(model, x, y):
    with torch.no_grad():
        return model(x).argmax(1) == y


def accuracy_under(attack, model, x, y):
    """Images that are wrong unharmed are not attacked, as in the lab."""
    correct = torch.zeros(len(y), dtype=torch.bool)
    todo = torch.cat([right(model, a, b) for a, b in zip(x.split(BATCH), y.split(BATCH))]).nonzero().flatten()
    for rows in todo.split(BATCH):
        correct[rows] = right(model, attack(x[rows], y[rows]), y[rows])
    return correct.int().tolist()


torch.manual_seed(ours["seed"])
model, (x, y) = load_model(), load_images()
results = {}
for name, attack in attacks_on(model).items():
    if name not in ours["results"]:
        continue
    start = time.perf_counter()
    correct = accuracy_under(attack, model, x, y)
    seconds = time.perf_counter() - start
    results[name] = {"accuracy": sum(correct) / len(correct), "seconds": seconds, "correct": correct}
    mine = ours["results"][name]
    same = np.mean(np.array(mine["correct"]) == np.array(correct))
    print(f"{name:10} ours {100 * mine['accuracy']:5.1f} %  torchattacks {100 * sum(correct) / len(correct):5.1f} %  "
          f"same fate {100 * same:5.1f} %  seconds {mine['seconds']:.1f} / {seconds:.1f}", flush=True)

(folder / "theirs.json").write_text(json.dumps({
    "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__,
                 "torchattacks": torchattacks.__version__},
    "results": results,
}))
