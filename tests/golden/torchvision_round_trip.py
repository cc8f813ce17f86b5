"""Checks that checkpoints travel both ways between this project and torchvision.

1. deno run -A tests/golden/torchvision_round_trip.ts write ours.safetensors
2. python tests/golden/torchvision_round_trip.py ours.safetensors theirs.safetensors
3. deno run -A tests/golden/torchvision_round_trip.ts read theirs.safetensors theirs.safetensors.json

Step 2 loads our file into torchvision's resnet18 with strict=True, compares the logits of our file's
model on a formula image (stored in its metadata by step 1), and writes torchvision's own weights with
its logits for step 3.
"""
import json
import sys

import torch
import torchvision
from safetensors import safe_open
from safetensors.torch import load_file, save_file

ours, theirs = sys.argv[1:3]
image = torch.sin(torch.arange(2 * 32 * 32 * 3, dtype=torch.float32)).reshape(2, 32, 32, 3) * 0.5 + 0.5
x = image.permute(0, 3, 1, 2)

model = torchvision.models.resnet18(num_classes=10)
print(model.load_state_dict(load_file(ours), strict=True))
with safe_open(ours, "pt") as file:
    expected = torch.tensor(json.loads(file.metadata()["logits"])).reshape(2, 10)
model.eval()
with torch.no_grad():
    print("largest difference of logits:", (model(x) - expected).abs().max().item())

torch.manual_seed(0)
model = torchvision.models.resnet18(num_classes=10)
model(torch.rand(16, 3, 32, 32))  # gives the buffers values of their own
model.eval()
save_file(model.state_dict(), theirs)
with torch.no_grad():
    json.dump(model(x).flatten().tolist(), open(theirs + ".json", "w"))
