"""Turns an executed notebook into HTML by the template beside this file.

usage: export_html.py NOTEBOOK BOUNDARY OUTPUT

The output is JSON: "styles", a list of style sheets, and "body", in which BOUNDARY stands before and
after each piece that a notebook's author or program wrote.
"""
import base64
import json
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
        filters={"base64": lambda text: base64.b64encode(text.encode()).decode()},
    )
    body, resources = exporter.from_notebook_node(notebook, {"boundary": boundary})
    page = {"styles": list(resources["inlining"]["css"]), "body": body}
    with open(output, "w", encoding="utf-8") as file:
        json.dump(page, file)


main(*sys.argv[1:])
