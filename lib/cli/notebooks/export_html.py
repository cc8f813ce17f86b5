"""Turns a notebook's cells into HTML by the template beside this file.

usage: export_html.py NOTEBOOK BOUNDARY OUTPUT

In OUTPUT, BOUNDARY stands before and after each piece that a notebook's author or program wrote.
"""
import os
import sys

import nbformat
from nbconvert.exporters import HTMLExporter


def main(source, boundary, output):
    notebook = nbformat.read(source, as_version=4)
    here = os.path.dirname(os.path.abspath(__file__))
    exporter = HTMLExporter(
        template_name="page",
        extra_template_basedirs=[os.path.join(here, "template")],
    )
    body, _ = exporter.from_notebook_node(notebook, {"boundary": boundary})
    with open(output, "w", encoding="utf-8") as file:
        file.write(body)


main(*sys.argv[1:])
