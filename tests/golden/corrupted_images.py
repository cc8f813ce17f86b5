"""Compares the images of corrupted_images.ts with those of corruptions.py, whose random kinds draw on their own.

Deterministic kinds: every byte within 1, JPEG within 2 on average. Random kinds: over all images, the mean and the
deviation of the change within 5 standard errors. Exit code 1 otherwise.

Run: python tests/golden/corrupted_images.py FOLDER
"""
import sys
from pathlib import Path

import numpy as np
from skimage.util import random_noise

from corruptions import KINDS


class Random:
    """The draws of corruptions.py by numpy's generator."""

    def __init__(self, *seed):
        self.numpy = np.random.default_rng(seed)
        self.uniform = self.numpy.random
        self.normal = self.numpy.standard_normal
        self.integer = self.numpy.integers
        self.uniforms = self.numpy.uniform
        self.normals = self.numpy.normal


def shot_noise(image, c, draws):
    return draws.numpy.poisson(image / 255 * c) / c


def impulse_noise(image, c, draws):
    return random_noise(image / 255, mode="s&p", amount=c, rng=draws.numpy)


ALL = {**KINDS, shot_noise: [500, 250, 100, 75, 50], impulse_noise: [0.01, 0.02, 0.03, 0.05, 0.07]}
DETERMINISTIC = {
    "gaussian_blur", "defocus_blur", "zoom_blur", "brightness", "contrast", "saturate", "pixelate", "jpeg_compression",
}


def read(name):
    return np.fromfile(Path(sys.argv[1]) / name, np.uint8).reshape(-1, 32, 32, 3)


def standard_errors(ours, theirs):
    """How many standard errors the mean of the images' differences is from 0."""
    gaps = ours - theirs
    return gaps.mean() / (gaps.std() / np.sqrt(len(gaps)))


clean = read("clean").astype(float)
wrong = 0
for kind, constants in ALL.items():
    for severity, constant in enumerate(constants, 1):
        ours = read(f"{kind.__name__}-{severity}").astype(float)
        theirs = np.stack([
            np.uint8(np.clip(kind(image, constant, Random(severity, place)), 0, 1) * 255 + 1e-9)
            for place, image in enumerate(np.uint8(clean))
        ]).astype(float)
        if kind.__name__ in DETERMINISTIC:
            gaps = np.abs(ours - theirs)
            is_right = gaps.mean() <= 2 if kind.__name__ == "jpeg_compression" else gaps.max() <= 1
            said = f"greatest difference {gaps.max():.0f}, mean {gaps.mean():.4f}"
        else:
            changes = [(images - clean).reshape(len(clean), -1) for images in (ours, theirs)]
            means = [change.mean(axis=1) for change in changes]
            deviations = [change.std(axis=1) for change in changes]
            errors = standard_errors(*means), standard_errors(*deviations)
            is_right = max(map(abs, errors)) <= 5
            said = (f"change {means[0].mean():.2f} and {means[1].mean():.2f}, deviation "
                    f"{deviations[0].mean():.2f} and {deviations[1].mean():.2f}, "
                    f"{errors[0]:.1f} and {errors[1]:.1f} standard errors")
        wrong += not is_right
        print(f"{kind.__name__} {severity}: {said}{'' if is_right else ' WRONG'}", flush=True)
print(f"{wrong} of {5 * len(ALL)} differ")
sys.exit(wrong > 0)
