"""Asks the Python package index for the licence and the day of release of packages.

Reads [[name, version], ...] as JSON from stdin and writes {"name==version": {"licence", "released"}}.
"""

import email.parser
import io
import json
import sys
import urllib.parse
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor

INDEX = "https://pypi.org/simple/"
TYPE = "application/vnd.pypi.simple.v1+json"
MOST_BYTES = 10_000_000
GENERIC = "License :: OSI Approved"


def fetch(url, accept="*/*"):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read()


def licence_of(metadata):
    """The expression, else a short licence field, else the classifiers."""
    short = metadata.get("License-Expression") or metadata.get("License") or ""
    classifiers = [c for c in metadata.get_all("Classifier", []) if c.startswith("License ::")]
    named = [c.split(" :: ")[-1] for c in classifiers if c != GENERIC]
    if short.upper() == "UNKNOWN" or short.startswith("Copyright"):
        short = ""
    if short and "\n" not in short and len(short) <= 60:
        return short
    return " AND ".join(named) or short.split("\n")[0] or None


def inside(wheel):
    """Where the index does not show the metadata alone: of the wheel, unless it is very large."""
    if wheel.get("size", 0) > MOST_BYTES or not wheel["filename"].endswith(".whl"):
        return b""
    with zipfile.ZipFile(io.BytesIO(fetch(urllib.parse.urljoin(INDEX, wheel["url"])))) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return archive.read(name)


def ask(package):
    name, version = package
    listing = json.loads(fetch(INDEX + name + "/", TYPE))
    prefix = name.replace("-", "_").lower() + "-" + version + "-"
    wheels = [
        f for f in listing["files"]
        if f["filename"].lower().replace("-", "_", name.count("-")).startswith(prefix)
        and f["filename"].endswith(".whl")
    ] or [
        f for f in listing["files"]
        if f["filename"].replace(".", "_").lower().startswith(prefix.replace(".", "_"))
    ]
    if not wheels:
        raise SystemExit(f"The index has no wheel of {name} {version}")
    wheel = wheels[0]
    url = urllib.parse.urljoin(INDEX + name + "/", wheel["url"]) + ".metadata"
    try:
        metadata = fetch(url)
    except OSError:
        metadata = inside(wheel)
    licence = licence_of(email.parser.Parser().parsestr(metadata.decode("utf-8", "replace")))
    return f"{name}=={version}", {"licence": licence, "released": wheel.get("upload-time", "")[:10]}


with ThreadPoolExecutor(8) as pool:
    print(json.dumps(dict(pool.map(ask, json.load(sys.stdin)))))
