"""Golden values of novelty detection, conformal sets, debiased calibration and balanced metrics.

Needs numpy, scipy, scikit-learn, uncertainty-calibration (the package of Kumar et al. 2019) and MAPIE;
writes trust.json beside itself. Reads the logits of metrics.json. Where no library has the definition,
the reference is written from the formula alone.
"""

import importlib.metadata
import json
import pathlib
import warnings

import calibration.utils as kumar
import numpy as np
import sklearn
from mapie.classification import SplitConformalClassifier
from scipy.special import log_softmax, logsumexp, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.covariance import EmpiricalCovariance
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    cohen_kappa_score,
    roc_auc_score,
    roc_curve,
)

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
CASES = json.loads((HERE / "metrics.json").read_text())["predictions"]


def arrays(case):
    logits = np.array(case["logits"], dtype=np.float32).reshape(-1, case["classes"])
    return logits, np.array(case["labels"])


def probabilities(logits):
    return softmax(logits.astype(np.float64), axis=1).astype(np.float32)


def doubts(logits):
    """log(1 - max p) in double; the other logits by size, so that reordered rows tie exactly."""
    result = []
    for row in logits.astype(np.float64):
        best = row.argmax()
        rest = logsumexp(np.sort(np.delete(row, best)) - row[best])
        result.append(rest - np.logaddexp(0, rest))
    return np.array(result)


def finite(value):
    return None if np.isnan(value) else float(value)


def single(case):
    """Metrics of one set of predictions."""
    logits, labels = arrays(case)
    p = probabilities(logits)
    predicted = logits.argmax(1)
    right = predicted == labels
    n, bins = len(labels), case["bins"]
    data = list(zip(p[np.arange(n), predicted].astype(np.float64), right.astype(float)))
    groups = [[] for _ in range(bins)]
    for confidence, correct in data:
        b = next((b for b in range(bins) if confidence <= np.float32((b + 1) / bins)), bins - 1)
        groups[b].append((confidence, correct))
    binned = [group for group in groups if group]
    error = 1 - right.mean()
    auroc = roc_auc_score(right, -doubts(logits)) if 0 < error < 1 else 0.5
    kappa = cohen_kappa_score(labels, predicted) if len(set(labels) | set(predicted)) > 1 else np.nan
    return {
        "name": case["name"],
        "balancedAccuracy": float(balanced_accuracy_score(labels, predicted)),
        "cohenKappa": finite(kappa),
        "debiasedL2": float(kumar.unbiased_l2_ce(binned)),
        # Traub et al. 2024, eq. 6: by the AUROC of right against wrong.
        "augrc": float((1 - auroc) * error * (1 - error) + error**2 / 2),
    }


def separation(inside, outside):
    truth = np.r_[np.ones(len(inside)), np.zeros(len(outside))]
    scores = np.r_[inside, outside]
    fpr, tpr, _ = roc_curve(truth, scores, drop_intermediate=False)
    return {
        "auroc": float(roc_auc_score(truth, scores)),
        "aupr": float(average_precision_score(truth, scores)),
        "fpr95": float(fpr[np.flatnonzero(tpr >= 0.95)[0]]),
    }


def pair(first, second):
    """Predictions of two cases as images from inside and outside."""
    inside, outside = arrays(first), arrays(second)
    scores = {
        "confidence": lambda z: -doubts(z),
        "entropy": lambda z: (softmax(z, axis=1) * log_softmax(z, axis=1)).sum(1),
        "maxLogit": lambda z: z.max(1),
        "energy": lambda z: logsumexp(z, axis=1),
    }

    def log_odds(row, label):
        """Relative to the largest other logit: rows that differ by a constant tie exactly."""
        rest = np.sort(np.delete(row, label))
        return row[label] - rest[-1] - logsumexp(rest - rest[-1])

    def odds(logits, labels):
        return np.array([log_odds(row, y) for row, y in zip(logits.astype(np.float64), labels)])

    members, others = odds(*inside), odds(*outside)
    truth = np.r_[np.ones(len(members)), np.zeros(len(others))]
    fpr, tpr, _ = roc_curve(truth, np.r_[members, others], drop_intermediate=False)
    return {
        "inside": first["name"],
        "outside": second["name"],
        **{
            # By size, so that rows with the same logits in another order tie exactly.
            name: separation(
                *(score(np.sort(z.astype(np.float64), axis=1)) for z in (inside[0], outside[0]))
            )
            for name, score in scores.items()
        },
        "membership": {
            "auroc": float(roc_auc_score(truth, np.r_[members, others])),
            "tpr": float(tpr[fpr <= 0.01].max()),
            "tprAtTenPercent": float(tpr[fpr <= 0.1].max()),
        },
    }


def mahalanobis():
    rng = np.random.default_rng(7)
    labels = np.repeat([0, 1, 3], 20)  # class 2 has no image
    mixing = rng.normal(size=(4, 4))
    train = (rng.normal(size=(60, 4)) @ mixing + labels[:, None]).round(3)
    test = (3 * rng.normal(size=(12, 4))).round(3)
    means = {c: train[labels == c].mean(0) for c in set(labels.tolist())}
    centred = train - np.array([means[c] for c in labels.tolist()])
    shared = EmpiricalCovariance(assume_centered=True).fit(centred).covariance_
    shared = shared + 1e-6 * np.trace(shared) / 4 * np.eye(4)
    inverse = np.linalg.inv(shared)
    scores = [-min((x - m) @ inverse @ (x - m) for m in means.values()) for x in test]
    return {
        "train": train.ravel().tolist(),
        "labels": labels.tolist(),
        "test": test.ravel().tolist(),
        "scores": [float(s) for s in scores],
    }


class Given(ClassifierMixin, BaseEstimator):
    """A classifier whose inputs are the probabilities themselves."""

    def __init__(self, classes=5):
        self.classes = classes
        self.classes_ = np.arange(classes)

    def fit(self, x, y):
        return self

    def __sklearn_is_fitted__(self):
        return True

    def predict_proba(self, x):
        return np.asarray(x)

    def predict(self, x):
        return np.asarray(x).argmax(1)


def conformal():
    rng = np.random.default_rng(3)
    classes, n = 5, 300
    truth = (1.5 * rng.normal(size=(2 * n, classes))).round(2)
    labels = np.array([rng.choice(classes, p=softmax(row)) for row in truth])
    logits = (2 * truth).astype(np.float32)  # overconfident
    p = softmax(logits.astype(np.float64), axis=1)

    def sets(score, seed):
        model = SplitConformalClassifier(
            Given(classes), confidence_level=0.9, conformity_score=score, random_state=seed
        )
        model.conformalize(p[:n], labels[:n])
        params = {} if score == "lac" else {"include_last_label": "randomized"}
        return model.predict_set(p[n:], conformity_score_params=params)[1][:, :, 0]

    lac = sets("lac", 0)
    aps = [sets("aps", seed) for seed in range(40)]
    held = lambda s: float(s[np.arange(n), labels[n:]].mean())
    return {
        "classes": classes,
        "logits": [float(x) for x in logits.ravel()],
        "labels": labels.tolist(),
        "lac": lac.astype(int).ravel().tolist(),
        "aps": {
            "meanSize": float(np.mean([s.sum(1).mean() for s in aps])),
            "coverage": float(np.mean([held(s) for s in aps])),
        },
    }


def main():
    by_name = {case["name"]: case for case in CASES}
    pairs = [
        ("ten classes", "overconfident"),
        ("overconfident", "underconfident, seven bins"),
        ("ties", "heavy ties"),
        ("two classes", "saturated"),
        ("ten classes", "all confidences 1 in float32"),
        ("one image, right", "ties"),
    ]
    packages = ["uncertainty-calibration", "MAPIE", "scipy"]
    golden = {
        "versions": {
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
            **{name: importlib.metadata.version(name) for name in packages},
        },
        "single": [single(case) for case in CASES],
        "pairs": [pair(by_name[a], by_name[b]) for a, b in pairs],
        "mahalanobis": mahalanobis(),
        "conformal": conformal(),
    }
    path = HERE / "trust.json"
    path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
