"""Golden values of lib/metrics/certified_radius.ts: scipy's exact binomial interval and normal quantile.

The radius is Cohen et al. 2019's sigma * Phi^-1(pA), for pA > 1/2.
Run: python tests/golden/certify.py > tests/golden/certify.json
"""
import json

import scipy
from scipy.stats import beta, binomtest, norm


def case(successes, n, alpha, sigma):
    # The lower end of the two-sided interval at 1 - 2 alpha is the one-sided bound at 1 - alpha.
    low = binomtest(successes, n).proportion_ci(1 - 2 * alpha, method="exact").low
    quantile = beta.ppf(alpha, successes, n - successes + 1) if successes > 0 else 0.0
    assert abs(low - quantile) < 1e-9, (low, quantile)
    return {
        "successes": successes,
        "n": n,
        "alpha": alpha,
        "sigma": sigma,
        "low": quantile,
        "radius": sigma * norm.ppf(quantile) if quantile > 0.5 else 0.0,
    }


print(json.dumps({
    "versions": {"scipy": scipy.__version__},
    "cases": [
        case(round(share * n), n, alpha, sigma)
        for n in (1, 10, 100, 1000, 100000)
        for share in (0, 0.01, 0.3, 0.5, 0.55, 0.6, 0.8, 0.99, 0.999, 1)
        for alpha, sigma in ((0.001, 0.25), (0.05, 0.12), (1e-6, 1.0), (0.49, 0.5))
    ],
}))
