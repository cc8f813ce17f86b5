"""Files of logits as numpy, safetensors and pandas write them, and what an evaluation of logits must find.

Needs numpy, scipy, scikit-learn, torch, torchmetrics, safetensors and pandas; writes logits.json beside
itself: the files in base64, and the numbers of two larger cases whose logits come from a formula. Where
no library has the definition, the reference is written from the formula alone.
"""

import base64
import importlib.metadata
import io
import json
import pathlib

import numpy as np
import pandas
import safetensors.numpy
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, log_loss
from torchmetrics.functional.classification import multiclass_calibration_error

HERE = pathlib.Path(__file__).parent
ROWS, CLASSES = 12, 5
BINS = 15


def formula(rows, classes, shift):
    """Logits that every language computes alike: whole numbers below 1009, then one division."""
    i = np.arange(rows)[:, None] + shift
    k = np.arange(classes)[None, :]
    z = ((i * 7919 + k * 104729 + i * k * 31 + i * i * 17) % 1009) / 1009 * 3
    labels = (np.arange(rows) * 37 + shift) % classes
    for row, label in enumerate(labels):
        if (row * 13 + shift) % 10 < 7:
            z[row, label] += 2.5
    return z.astype(np.float32), labels


def npy(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return out.getvalue()


def npz(save, *unnamed, **arrays):
    out = io.BytesIO()
    save(out, *unnamed, **arrays)
    return out.getvalue()


def text(save):
    out = io.StringIO()
    save(out)
    return out.getvalue().encode()


def files():
    z, labels = formula(ROWS, CLASSES, 3)
    p = softmax(z.astype(np.float64), axis=1)
    frame = pandas.DataFrame(z)
    named = pandas.DataFrame(z, columns=["cat", "dog", "fox", "hen", "owl"])
    exact = {
        "f4.npy": npy(z),
        "f8.npy": npy(z.astype(np.float64)),
        "fortran.npy": npy(np.asfortranarray(z)),
        "fortran_f8.npy": npy(np.asfortranarray(z.astype(np.float64))),
        "big_endian.npy": npy(z.astype(">f4")),
        "version2.npy": npy(z, (2, 0)),
        "version3.npy": npy(z, (3, 0)),
        "stored.npz": npz(np.savez, logits=z, labels=labels),
        "deflated.npz": npz(np.savez_compressed, logits=z, labels=labels.astype(np.uint8)),
        "tensors.safetensors": safetensors.numpy.save({"labels": labels, "logits": z}),
        "bare.csv": text(lambda out: np.savetxt(out, z, delimiter=",", fmt="%.9g")),
        "pandas.csv": text(lambda out: frame.to_csv(out)),
        "pandas_no_index.csv": text(lambda out: frame.to_csv(out, index=False)),
        "named.csv": text(lambda out: named.assign(label=labels).to_csv(out, index=False)),
        "tabs.tsv": text(lambda out: named.to_csv(out, index=False, sep="\t")),
        "windows.csv": b"\xef\xbb\xbf" + text(lambda out: named.to_csv(out, index=False)).replace(b"\n", b"\r\n"),
    }
    rounded = {
        "f2.npy": npy(z.astype(np.float16)),
        "f2_fortran.npy": npy(np.asfortranarray(z.astype(np.float16))),
        "f2.safetensors": safetensors.numpy.save({"logits": z.astype(np.float16), "labels": labels}),
    }
    probabilities = {
        "p_f8.npy": npy(p),
        "p_f4.npy": npy(p.astype(np.float32)),
        "p_f2.npy": npy(p.astype(np.float16)),
        "p.npz": npz(np.savez_compressed, probabilities=p, labels=labels),
        "p.csv": text(lambda out: np.savetxt(out, p, delimiter=",", fmt="%.4f")),
    }
    types = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4", ">u2", "f8"]
    label_files = {f"labels_{t.strip('>')}{'_big' if '>' in t else ''}.npy": npy(labels.astype(t)) for t in types}
    label_files |= {
        "labels_column.npy": npy(labels[:, None]),
        "labels.npz": npz(np.savez, labels=labels),
        "labels.safetensors": safetensors.numpy.save({"labels": labels.astype(np.int16)}),
        "labels.csv": "\n".join(map(str, labels)).encode(),
        "labels_named.csv": text(lambda out: pandas.Series(labels, name="label").to_csv(out, index=False)),
        "labels_pandas.csv": text(lambda out: pandas.Series(labels).to_csv(out)),
    }
    objects = np.array([[1.0, None]], dtype=object)
    refused = {
        "objects.npy": npy_pickle(objects),
        "objects.npz": npz(np.savez, logits=objects, labels=labels),
        "text.npy": npy(np.array(["cat", "dog"])),
        "complex.npy": npy(z.astype(np.complex64)),
        "records.npy": npy(np.zeros(3, dtype=[("a", "<f4"), ("b", "<i4")])),
        "longdouble.npy": npy(z.astype(np.longdouble)),
        "three_axes.npy": npy(z[:, None, :]),
        "one_axis.npy": npy(z[:, 0]),
        "one_column.npy": npy(z[:, :1]),
        "empty_rows.npy": npy(z[:0]),
        "positional.npz": npz(np.savez, z, labels),
        "torch.pt": torch_file(z, labels),
    }
    groups = {"exact": exact, "rounded": rounded, "probabilities": probabilities, "labels": label_files, "refused": refused}
    encoded = {group: {name: base64.b64encode(data).decode() for name, data in all.items()} for group, all in groups.items()}
    return {"logits": z.ravel().tolist(), "probabilityRows": p.ravel().tolist(), "labelRow": labels.tolist(), **encoded}


def npy_pickle(array):
    out = io.BytesIO()
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


def torch_file(z, labels):
    out = io.BytesIO()
    torch.save({"logits": torch.tensor(z), "labels": torch.tensor(labels)}, out)
    return out.getvalue()


def temperature(z, labels):
    def loss(log_t):
        return -log_softmax(z.astype(np.float64) / np.exp(log_t), axis=1)[np.arange(len(z)), labels].mean()

    return float(np.exp(minimize_scalar(loss, bounds=(-5, 5), method="bounded", options={"xatol": 1e-12}).x))


def ece(p, labels):
    return multiclass_calibration_error(torch.tensor(p), torch.tensor(labels), p.shape[1], n_bins=BINS, norm="l1").item()


def risks(p, labels):
    """aurc, excessAurc and augrc by their definitions, loops over images; no two confidences are equal here."""
    confidence, wrong = p.max(axis=1), p.argmax(axis=1) != labels
    assert len(set(confidence)) == len(confidence)
    order = np.argsort(-confidence)
    n, errors = len(p), int(wrong.sum())
    answered_wrong = np.cumsum(wrong[order])
    aurc = np.mean([answered_wrong[k - 1] / k for k in range(1, n + 1)])
    oracle = np.mean([max(0, k - (n - errors)) / k for k in range(1, n + 1)])
    generalized = np.concatenate([[0], answered_wrong / n])
    return {"aurc": aurc, "excessAurc": aurc - oracle, "augrc": np.trapezoid(generalized, dx=1 / n)}


def one_hot(labels, classes):
    return np.eye(classes)[labels]


def calibration_numbers(z, labels):
    p = softmax(z.astype(np.float64), axis=1)
    classes = p.shape[1]
    return {
        "ece": ece(p, labels),
        "brier": float(((p - one_hot(labels, classes)) ** 2).sum(axis=1).mean()),
        "nll": float(log_loss(labels, p, labels=np.arange(classes))),
        **risks(p, labels),
    }


def lac(calibration, calibration_labels, z, labels, alpha):
    """Split conformal sets by 1 - p."""
    scores = 1 - softmax(calibration.astype(np.float64), axis=1)[np.arange(len(calibration)), calibration_labels]
    n = len(scores)
    value = np.sort(scores)[int(np.ceil((n + 1) * (1 - alpha))) - 1]
    sets = 1 - softmax(z.astype(np.float64), axis=1) <= value
    return {
        "value": float(value),
        "coverage": float(sets[np.arange(len(z)), labels].mean()),
        "meanSize": float(sets.sum(axis=1).mean()),
    }


def case(rows, classes):
    z, labels = formula(rows, classes, 3)
    held, held_labels = formula(rows, classes, 100_003)
    other, _ = formula(rows, classes, 3)
    other = (other * 0.5 + formula(rows, classes, 77)[0] * 0.5).astype(np.float32)
    p = softmax(z.astype(np.float64), axis=1)
    predicted = p.argmax(axis=1)
    classwise = np.mean([
        sum(
            inside.sum() / rows * abs((labels == k)[inside].mean() - p[inside, k].mean())
            for low in range(BINS)
            if (inside := (p[:, k] > low / BINS) & (p[:, k] <= (low + 1) / BINS)).any()
        )
        for k in range(classes)
    ])
    t = temperature(held, held_labels)
    return {
        "rows": rows,
        "classes": classes,
        "metrics": {
            "accuracy": float((predicted == labels).mean()),
            "balancedAccuracy": float(balanced_accuracy_score(labels, predicted)),
            "cohenKappa": float(cohen_kappa_score(labels, predicted)),
            "classwiseEce": float(classwise),
            **calibration_numbers(z, labels),
        },
        "temperature": t,
        "scaled": calibration_numbers((z / t).astype(np.float32), labels),
        "lac": lac(held, held_labels, z, labels, 0.1),
        "other": calibration_numbers(other, labels),
    }


def versions():
    names = ["numpy", "scipy", "scikit-learn", "torch", "torchmetrics", "safetensors", "pandas"]
    return {name: importlib.metadata.version(name).split("+")[0] for name in names}


if __name__ == "__main__":
    result = {"versions": versions(), "files": files(), "cases": [case(400, 7), case(700, 100)]}
    (HERE / "logits.json").write_text(json.dumps(result) + "\n")
