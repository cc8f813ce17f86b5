"""Small networks as ONNX files, and their logits in PyTorch.

Run: python onnx_models.py > onnx_models.json
"""
import base64
import io
import json
import sys
import warnings

import torch
from torch import nn

from formula_weights import fill, uniform

warnings.filterwarnings("ignore")
N = 5
MEAN = [0.4, 0.45, 0.5]
STD = [0.25, 0.3, 0.2]


def rounded(tensor):
    return [float(f"{value:.8g}") for value in tensor.flatten().tolist()]


def network():
    return fill(nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(8 * 4 * 3, 5),
    )).eval()


class LastAxis(nn.Module):
    """The same network for images whose channels come last, as TensorFlow exports them."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x.permute(0, 3, 1, 2))


def exported(model, x, dynamic=True):
    buffer = io.BytesIO()
    axes = {"images": {0: "n"}, "answers": {0: "n"}} if dynamic else None
    torch.onnx.export(model, (x,), buffer, input_names=["images"], output_names=["answers"],
                      dynamic_axes=axes, dynamo=False)
    return base64.b64encode(buffer.getvalue()).decode()


pixels = torch.tensor(uniform("onnx", N * 3 * 16 * 12).astype("float32").reshape(N, 16, 12, 3))
images = pixels.permute(0, 3, 1, 2).contiguous()
normalised = (images - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
model = network()
with torch.no_grad():
    logits = model(normalised)
    files = {
        "open batch": exported(model, images),
        "batch of 2": exported(model, images[:2], dynamic=False),
        "channels last": exported(LastAxis(model), pixels),
        "softmax": exported(nn.Sequential(model, nn.Softmax(1)), images),
    }
json.dump({
    "generator": "tests/golden/onnx_models.py", "versions": {"torch": torch.__version__},
    "n": N, "shape": [16, 12, 3], "mean": MEAN, "std": STD, "logits": rounded(logits), "files": files,
}, sys.stdout)
