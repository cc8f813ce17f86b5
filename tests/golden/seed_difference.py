"""Golden values of lib/metrics/seed_difference.ts: scipy's paired t interval and its t quantiles.

Run: python tests/golden/seed_difference.py > tests/golden/seed_difference.json
"""
import json

import numpy as np
import scipy
from scipy.stats import t, ttest_rel

random = np.random.default_rng(0)


def case(n, scale, level):
    first = random.normal(0.8, scale, size=n)
    second = random.normal(0.8, scale, size=n)
    low, high = ttest_rel(first, second).confidence_interval(level)
    gaps = first - second
    return {
        "first": first.tolist(),
        "second": second.tolist(),
        "level": level,
        "mean": gaps.mean(),
        "sd": gaps.std(ddof=1),
        "low": low,
        "high": high,
    }


print(json.dumps({
    "versions": {"scipy": scipy.__version__, "numpy": np.__version__},
    "cases": [
        case(n, scale, level)
        for n in (2, 3, 4, 5, 10, 11, 12, 30)
        for scale, level in ((0.01, 0.95), (1e-4, 0.99), (100.0, 0.5))
    ],
    "quantiles": [
        [n, level, t.ppf((1 + level) / 2, n - 1)]
        for n in (2, 3, 4, 6, 12, 13, 31, 101, 1001)
        for level in (0.05, 0.5, 0.9, 0.95, 0.99, 0.9999)
    ],
}))
