"""Golden values of lib/metrics from independent libraries; writes metrics.json beside itself.

Needs numpy, scipy, scikit-learn, torch and torchmetrics. Where no library has the definition, the
reference here is written from the formula alone, as plainly as possible (loops over samples).
"""

import json
import pathlib
import warnings

import numpy as np
import scipy
import sklearn
import torch
import torchmetrics
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, logsumexp, softmax
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, confusion_matrix, log_loss, silhouette_score
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors
from torchmetrics.functional.classification import multiclass_calibration_error

warnings.filterwarnings("ignore")


def probabilities(logits):
    return softmax(logits.astype(np.float64), axis=1).astype(np.float32)


def top(logits):
    p = probabilities(logits)
    predicted = logits.argmax(1)
    return p[np.arange(len(p)), predicted], predicted


def bin_gaps(groups, confidence, correct):
    """(weight, |accuracy - confidence|) of each non-empty group of sample indices."""
    n = len(confidence)
    return [
        (len(g) / n, abs(correct[g].mean() - confidence[g].astype(np.float64).mean()))
        for g in groups
        if len(g) > 0
    ]


def reduce_gaps(gaps, norm):
    if norm == "max":
        return max(gap for _, gap in gaps)
    if norm == "l1":
        return sum(weight * gap for weight, gap in gaps)
    return sum(weight * gap**2 for weight, gap in gaps) ** 0.5


def width_groups(values, bins):
    """Bins (lo, hi] on float32 edges, the first one with 0."""
    edges = np.array([b / bins for b in range(bins + 1)]).astype(np.float32)
    groups = []
    for b in range(bins):
        inside = (values > edges[b]) & (values <= edges[b + 1])
        if b == 0:
            inside |= values == 0
        groups.append(np.flatnonzero(inside))
    return groups


def mass_groups(values, bins):
    """Equal chunks by size; a tie across a cut belongs to the chunk in which it begins."""
    order = np.argsort(values, kind="stable")
    groups = [list(chunk) for chunk in np.array_split(order, bins)]
    for left in range(bins):
        for right in range(left + 1, bins):
            while groups[left] and groups[right] and values[groups[right][0]] == values[groups[left][-1]]:
                groups[left].append(groups[right].pop(0))
    return [np.array(group, dtype=int) for group in groups]


def calibration(logits, labels, bins):
    confidence, predicted = top(logits)
    correct = (predicted == labels).astype(np.float64)
    result = {}
    for binning, make in (("width", width_groups), ("mass", mass_groups)):
        gaps = bin_gaps(make(confidence, bins), confidence, correct)
        for norm in ("l1", "l2", "max"):
            result[f"{binning}/{norm}"] = reduce_gaps(gaps, norm)
    return result


def library_calibration(logits, labels, bins):
    p = torch.tensor(probabilities(logits))
    y = torch.tensor(labels)
    return {
        norm: float(multiclass_calibration_error(p, y, logits.shape[1], n_bins=bins, norm=norm))
        for norm in ("l1", "l2", "max")
    }


def on_an_edge(logits, bins):
    confidence, _ = top(logits)
    edges = np.array([b / bins for b in range(bins + 1)]).astype(np.float32)
    return bool(np.isin(confidence, edges).any())


def classwise(logits, labels, bins):
    p = probabilities(logits)
    n, k = p.shape
    total = 0.0
    for c in range(k):
        for g in width_groups(p[:, c], bins):
            if len(g) > 0:
                gap = abs((labels[g] == c).mean() - p[g, c].astype(np.float64).mean())
                total += len(g) / n * gap
    return total / k


def doubts(logits, predicted):
    """log(1 - p) in double; the other logits by size, so that reordered rows tie exactly."""
    result = []
    for row, best in zip(logits.astype(np.float64), predicted):
        rest = logsumexp(np.sort(np.delete(row, best)) - row[best])
        result.append(rest - np.logaddexp(0, rest))
    return np.array(result)


def risk_coverage(logits, labels):
    """By definition: each sample is answered with all samples at least as confident."""
    _, predicted = top(logits)
    confidence = -doubts(logits, predicted)
    wrong = predicted != labels
    n = len(labels)
    aurc = sum(wrong[confidence >= c].mean() for c in confidence) / n
    points = [
        ((confidence >= c).mean(), wrong[confidence >= c].mean())
        for c in sorted(set(confidence.tolist()), reverse=True)
    ]
    errors = int(wrong.sum())
    oracle = sum(max(0, k - (n - errors)) / k for k in range(1, n + 1)) / n
    selective = {}
    for asked in (0.5, 0.8, 0.9, 1.0):
        selective[str(asked)] = 1 - next(r for c, r in points if c >= asked - 1e-12)
    return {
        "coverage": [float(c) for c, _ in points][:50],
        "risk": [float(r) for _, r in points][:50],
        "aurc": float(aurc),
        "excessAurc": float(aurc - oracle),
        "selective": {asked: float(v) for asked, v in selective.items()},
    }


def temperature(logits, labels):
    z = logits.astype(np.float64)

    def nll(log_t):
        return -log_softmax(z / np.exp(log_t), axis=1)[np.arange(len(z)), labels].mean()

    rough = minimize_scalar(nll, bounds=(-5, 9), method="bounded", options={"xatol": 1e-8}).x

    def slope(log_t):
        scaled = z / np.exp(log_t)
        expected = (softmax(scaled, axis=1) * z).sum(1)
        return (expected - z[np.arange(len(z)), labels]).mean()

    # The minimum's place is only known to sqrt(eps) from values; the slope's zero is sharp.
    return float(np.exp(scipy.optimize.brentq(slope, rough - 0.1, rough + 0.1, xtol=1e-14)))


def case(name, logits, labels, bins=15, fit=True):
    logits = np.round(np.asarray(logits, dtype=np.float64), 3).astype(np.float32)
    labels = np.asarray(labels)
    k = logits.shape[1]
    _, predicted = top(logits)
    p = probabilities(logits).astype(np.float64)
    p /= p.sum(1, keepdims=True)
    values = {
        "name": name,
        "classes": k,
        "bins": bins,
        "labels": labels.tolist(),
        "logits": [float(f"{v:.3f}") for v in logits.ravel()],
        "accuracy": float((predicted == labels).mean()),
        "confusion": confusion_matrix(labels, predicted, labels=range(k)).tolist(),
        "calibration": calibration(logits, labels, bins),
        "classwise": classwise(logits, labels, bins),
        # sklearn's multi-class score; for two classes it would give half of it.
        "brier": float(brier_score_loss(labels, p, labels=range(k), scale_by_half=False)),
        "nll": float(-log_softmax(logits.astype(np.float64), 1)[range(len(labels)), labels].mean()),
        "riskCoverage": risk_coverage(logits, labels),
    }
    if np.abs(logits).max() < 30:
        library = log_loss(labels, softmax(logits.astype(np.float64), 1), labels=range(k))
        assert abs(library - values["nll"]) < 1e-9
    if not on_an_edge(logits, bins):
        values["torchmetrics"] = library_calibration(logits, labels, bins)
    if fit:
        values["temperature"] = temperature(logits, labels)
    return values


def random_case(seed, n, k, scale, signal):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k)) * scale
    logits[np.arange(n), labels] += signal * scale
    return logits, labels


def prediction_cases():
    cases = []
    logits, labels = random_case(0, 300, 10, 1, 1.5)
    cases.append(case("ten classes", logits, labels))
    cases.append(case("overconfident", logits * 6, labels))
    cases.append(case("underconfident, seven bins", logits / 5, labels, bins=7))
    cases.append(case("far more bins than samples", logits[:20], labels[:20], bins=100))
    # Logits on a coarse grid: many equal confidences, right and wrong ones among them.
    logits, labels = random_case(1, 200, 3, 1, 0.8)
    cases.append(case("ties", np.round(logits * 1.5) / 1.5, labels))
    cases.append(case("heavy ties", np.round(logits), labels, bins=10))
    # Confidence exactly on edges: 0.25 (all equal), 0.5 (two equal), 1 (saturated).
    edge = [[0, 0, 0, 0], [5, 5, -200, -200], [0, 0, 0, 0], [400, 0, 0, 0], [1, 0, 0, 0]] * 4
    cases.append(case("edges", edge, [0, 1, 2, 0, 1] * 4, bins=4, fit=False))
    logits, labels = random_case(2, 120, 5, 1, 1)
    cases.append(case("two classes absent", logits, labels % 3))
    cases.append(case("one image, right", [[2, 1, 0]], [0], fit=False))
    cases.append(case("one image, wrong", [[2, 1, 0]], [2], fit=False))
    logits, labels = random_case(3, 40, 4, 1, 0)
    best = logits.argmax(1)
    cases.append(case("perfect", logits, best, fit=False))
    cases.append(case("all wrong", logits, (best + 1) % 4, fit=False))
    logits, labels = random_case(4, 150, 2, 2, 1)
    cases.append(case("two classes", logits, labels))
    cases.append(case("saturated", logits * 100, labels))
    # Gaps of 17 to 60: every float32 confidence is 1, and the ranking lies in the logits alone.
    logits, labels = random_case(6, 200, 10, 1, 1.2)
    order = np.argsort(np.argsort(logits.max(1) - np.partition(logits, -2, 1)[:, -2]))
    sure = np.where(np.arange(10) == logits.argmax(1)[:, None], 20 + 40 * order[:, None] / 200, logits)
    cases.append(case("all confidences 1 in float32", sure, labels, fit=False))
    return cases


def representation():
    rng = np.random.default_rng(5)
    n, d, k = 60, 8, 4
    labels = rng.integers(0, k, n)
    labels[0] = k  # a class of one image
    centres = rng.normal(size=(k + 1, d))
    features = np.round(centres[labels] + 0.7 * rng.normal(size=(n, d)), 3)
    other = np.round(np.tanh(features[:, :5]) + 0.3 * rng.normal(size=(n, 5)), 3)

    x = features - features.mean(0)
    y = other - other.mean(0)
    cka = np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))

    knn = {}
    for metric in ("cosine", "euclidean"):
        found = NearestNeighbors(n_neighbors=5, metric=metric, algorithm="brute").fit(features)
        neighbours = found.kneighbors(return_distance=False)  # leaves each point itself out
        knn[metric] = float((labels[neighbours] == labels[:, None]).mean())

    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    centroids = np.stack([unit[labels == c].mean(0) for c in range(k + 1)])
    angles = np.degrees(np.arccos(np.clip(cosine_similarity(features, centroids), -1, 1)))
    own = np.eye(k + 1, dtype=bool)[labels]
    between = np.degrees(np.arccos(np.clip(cosine_similarity(centroids), -1, 1)))
    np.fill_diagonal(between, 0)

    domain = (np.arange(n) % 2).astype(int)
    shifted = features + 0.6 * domain[:, None]
    fits = {}
    for l2 in (0.1, 1.0):
        model = LogisticRegression(C=1 / l2, tol=1e-12, max_iter=100000).fit(shifted, domain)
        fits[str(l2)] = {"weights": model.coef_[0].tolist(), "bias": float(model.intercept_[0])}
    return {
        "features": features.ravel().tolist(),
        "other": other.ravel().tolist(),
        "labels": labels.tolist(),
        "n": n,
        "silhouette": {m: float(silhouette_score(features, labels, metric=m))
                       for m in ("cosine", "euclidean")},
        "knn": knn,
        "cka": float(cka),
        "angles": {
            "within": float(angles[own].mean()),
            "between": float(angles[~own].mean()),
            "centroids": between.tolist(),
        },
        "logistic": fits,
    }


def statistics():
    wilson = []
    for correct, n, level in ((0, 10, 0.95), (8, 10, 0.95), (10, 10, 0.99), (900, 1000, 0.9), (1, 1, 0.5)):
        interval = binomtest(correct, n).proportion_ci(level, method="wilson")
        wilson.append([correct, n, level, float(interval.low), float(interval.high)])
    mcnemar = [
        [b, c, float(binomtest(b, b + c, 0.5).pvalue)]
        for b, c in ((3, 0), (5, 5), (40, 21), (1500, 1400), (2000, 100))
    ]
    return {"wilson": wilson, "mcnemar": mcnemar}


def main():
    golden = {
        "versions": {
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "scikit-learn": sklearn.__version__,
            "torch": torch.__version__,
            "torchmetrics": torchmetrics.__version__,
        },
        "predictions": prediction_cases(),
        "representation": representation(),
        "statistics": statistics(),
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
