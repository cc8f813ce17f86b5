"""Opens a checkpoint of the lab in PyTorch and compares the logits: step 2 of checkpoint_in_pytorch.ts.

Run: python examples/checkpoint_in_pytorch.py DIRECTORY   (needs torch, torchvision, safetensors)
"""

import json
import sys
from pathlib import Path

import torch
import torchvision
from safetensors.torch import load_file

folder = Path(sys.argv[1])
example = json.loads((folder / "pytorch.json").read_text())

# The names and layouts are torchvision's: nothing to convert.
model = torchvision.models.resnet18(num_classes=10)
model.load_state_dict(load_file(folder / "model.safetensors"), strict=True)
model.eval()

# The lab keeps channels last and normalises inside the model; PyTorch wants channels first.
x = torch.tensor(example["pixels"]).reshape(example["shape"]).permute(0, 3, 1, 2)
mean, std = (torch.tensor(example[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
with torch.no_grad():
    logits = model((x - mean) / std)

difference = (logits - torch.tensor(example["logits"]).reshape(logits.shape)).abs().max().item()
print(f"largest difference of the logits: {difference:.2e}")
sys.exit(difference > 1e-3)
