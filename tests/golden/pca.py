"""Golden values for the PCA behind the feature maps: scikit-learn on 40 x 6 features.

Run: python tests/golden/pca.py > tests/golden/pca.json
"""
import json

import numpy as np
import sklearn
from sklearn.decomposition import PCA

random = np.random.default_rng(0)
tall = random.normal(size=(40, 6)) * np.array([3.0, 2.0, 1.0, 0.5, 0.2, 0.1])
wide = tall.T.copy()


def golden(features):
    features = features.astype(np.float32).astype(np.float64)
    pca = PCA(n_components=2, svd_solver="full").fit(features)
    points = pca.transform(features)
    for axis in range(2):  # an axis' sign is arbitrary: the largest loading is made positive
        loading = pca.components_[axis]
        if loading[np.argmax(np.abs(loading))] < 0:
            points[:, axis] *= -1
    return {
        "n": features.shape[0],
        "d": features.shape[1],
        "features": features.ravel().tolist(),
        "coordinates": points.ravel().tolist(),
        "explained": pca.explained_variance_ratio_.tolist(),
    }


print(json.dumps({
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "tall": golden(tall),
    "wide": golden(wide),
}))
