"""Golden values of the losses from independent libraries.

Run: python losses.py > losses.json   (needs torch, pytorch-metric-learning, numpy, scipy)
"""

import json

import numpy as np
import pytorch_metric_learning
import scipy
import scipy.special
import torch
import torch.nn.functional as F
from pytorch_metric_learning.losses import CircleLoss

rng = np.random.default_rng(7)


def numbers(array):
    return [float(f"{value:.9g}") for value in np.asarray(array, dtype=np.float64).ravel()]


def cross_entropy_case(n, classes, scale):
    logits = torch.tensor(rng.normal(size=(n, classes)) * scale, dtype=torch.float32)
    labels = torch.tensor(rng.integers(0, classes, n))
    case = {"classes": classes, "logits": numbers(logits), "labels": labels.tolist()}
    for name, smoothing in (("plain", 0.0), ("uniform", 0.1), ("uniform3", 0.3)):
        z = logits.clone().requires_grad_()
        losses = F.cross_entropy(z, labels, label_smoothing=smoothing, reduction="none")
        losses.mean().backward()
        case[name] = {"losses": numbers(losses.detach()), "gradient": numbers(z.grad)}
    return case


def circle_case(n, d, classes, margin, gamma, zero_row=False):
    rows = rng.normal(size=(n, d)) + 0.5
    if zero_row:
        rows[1] = 0
    embeddings = torch.tensor(rows, dtype=torch.float32, requires_grad=True)
    labels = torch.tensor(rng.integers(0, classes, n))
    loss = CircleLoss(m=margin, gamma=gamma)(embeddings, labels)
    loss.backward()
    return {
        "dimension": d,
        "margin": margin,
        "gamma": gamma,
        "embeddings": numbers(embeddings.detach()),
        "labels": labels.tolist(),
        "loss": float(loss.detach()),
        "gradient": numbers(embeddings.grad),
    }


def trades_case(n, classes, beta):
    """In numpy/scipy, float64; the gradients by central differences."""
    clean, adversarial = rng.normal(size=(2, n, classes)) * 2
    clean, adversarial = clean.astype(np.float32).astype(float), adversarial.astype(np.float32).astype(float)
    labels = rng.integers(0, classes, n)

    def loss(a, b):
        log_p, log_q = scipy.special.log_softmax(a, axis=1), scipy.special.log_softmax(b, axis=1)
        natural = -log_p[np.arange(n), labels].mean()
        robust = scipy.special.rel_entr(np.exp(log_p), np.exp(log_q)).sum(axis=1).mean()
        return natural + beta * robust

    def slope(which):
        result = np.zeros((n, classes))
        for index in np.ndindex(n, classes):
            step = np.zeros((n, classes))
            step[index] = 1e-5
            pair = lambda sign: (clean + sign * step, adversarial) if which == 0 else (clean, adversarial + sign * step)
            result[index] = (loss(*pair(1)) - loss(*pair(-1))) / 2e-5
        return result

    return {
        "classes": classes,
        "beta": beta,
        "clean": numbers(clean),
        "adversarial": numbers(adversarial),
        "labels": labels.tolist(),
        "loss": loss(clean, adversarial),
        "gradientClean": numbers(slope(0)),
        "gradientAdversarial": numbers(slope(1)),
    }


print(json.dumps({
    "versions": {
        "torch": torch.__version__,
        "pytorch-metric-learning": pytorch_metric_learning.__version__,
        "scipy": scipy.__version__,
        "numpy": np.__version__,
    },
    "crossEntropy": [cross_entropy_case(6, 10, 2), cross_entropy_case(4, 3, 30), cross_entropy_case(3, 2, 1)],
    "circle": [
        circle_case(16, 8, 4, 0.4, 80),
        circle_case(24, 16, 5, 0.25, 32),
        circle_case(9, 3, 6, 0.4, 1),
        circle_case(12, 6, 3, 0.25, 256),
    ],
    "trades": [trades_case(5, 10, 6), trades_case(4, 3, 1)],
}, indent=None))
