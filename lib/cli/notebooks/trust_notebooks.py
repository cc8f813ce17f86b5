"""Signs notebooks, so that JupyterLab draws their outputs as it draws those of its own session.

usage: trust_notebooks.py DATABASE SECRET NOTEBOOK...

The signatures lie in DATABASE and are made with the key in SECRET; both are created where missing.
"""
import os
import sys

import nbformat
from nbformat.sign import NotebookNotary


def main(database, secret, *notebooks):
    os.makedirs(os.path.dirname(database), mode=0o700, exist_ok=True)
    notary = NotebookNotary(db_file=database, secret_file=secret)
    for path in notebooks:
        notebook = nbformat.read(path, as_version=4)
        notary.sign(notebook)


main(*sys.argv[1:])
