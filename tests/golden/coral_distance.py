"""CORAL distance (Sun and Saenko 2016) by numpy, on rows that JavaScript can make too."""

import json

import numpy as np

n, m, d = 40, 25, 6
source = np.array([[np.sin(1.3 * i + j) * (1 + 0.1 * j) for j in range(d)] for i in range(n)])
target = np.array([[np.cos(0.7 * i * (j + 1)) + 0.2 * j for j in range(d)] for i in range(m)])
gap = np.cov(source, rowvar=False) - np.cov(target, rowvar=False)
value = float((gap**2).sum() / (4 * d * d))
print(json.dumps({"versions": {"numpy": np.__version__}, "n": n, "m": m, "d": d, "distance": value}, indent=1))
