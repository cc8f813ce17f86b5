"""Logits, features and running statistics of torchvision's resnet18 on formula weights and images.

Run: python model.py > model.json
"""
import json
import sys

import torch
import torchvision

from formula_weights import fill, pixels
from torchvision_models import build

N = 8
MEAN = [0.4, 0.45, 0.5]
STD = [0.25, 0.3, 0.2]
STATISTICS = ["bn1.running_mean", "bn1.running_var", "layer2.0.downsample.1.running_mean",
              "layer4.1.bn2.running_mean", "layer4.1.bn2.running_var"]


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def forward(model, x):
    features = {}
    model.avgpool.register_forward_hook(lambda m, i, o: features.update(value=o.flatten(1)))
    with torch.no_grad():
        logits = model(x)
    return logits, features["value"]


def case(variant):
    x = (pixels(N) - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    logits, features = forward(fill(build(variant)).eval(), x)
    result = {"variant": variant, "evalLogits": rounded(logits), "evalFeatures": rounded(features[:, :16])}
    if variant != "no-bn":
        model = fill(build(variant)).train()
        logits, features = forward(model, x)
        state = model.state_dict()
        result["trainLogits"] = rounded(logits)
        result["statistics"] = {name: rounded(state[name][:64]) for name in STATISTICS}
    return result


torch.set_num_threads(1)
json.dump({
    "generator": "tests/golden/model.py",
    "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    "n": N, "mean": MEAN, "std": STD,
    "cases": [case(variant) for variant in ("imagenet", "cifar", "no-bn")],
}, sys.stdout, indent=1)
