"""Turns an executed notebook into one HTML page by the template beside this file.

usage: export_html.py NOTEBOOK TITLE OUTPUT
"""
import base64
import os
import sys

import nbformat
from nbconvert.exporters import HTMLExporter


def main(source, title, output):
    notebook = nbformat.read(source, as_version=4)
    here = os.path.dirname(os.path.abspath(__file__))
    exporter = HTMLExporter(
        template_name="page",
        extra_template_basedirs=[os.path.join(here, "template")],
        filters={"base64": lambda text: base64.b64encode(text.encode()).decode()},
    )
    body, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": title}})
    with open(output, "w", encoding="utf-8") as file:
        file.write(body)


main(*sys.argv[1:])
