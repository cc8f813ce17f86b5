"""What the requirement files of set-up leave out.

Set-up installs each file alone and without pip's own search for dependencies, so that a file must
list everything that its packages need, for every Python and platform that set-up supports.
Run: closure.py DEPENDENCIES.json FILE...; prints one line of JSON, the list of what is missing.
A file may lean on the one named before it with a colon: BASE:FILE is installed after BASE.
"""
import json
import re
import sys

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Debian 11 and 12 have 3.9.2 and 3.11.2; a marker in the files divides 3.11 at 3.11.5.
PYTHONS = ["3.9.2", "3.9.18", "3.10.13", "3.11.2", "3.11.7", "3.12.1", "3.13.0"]
PLATFORMS = [
    ("linux", "Linux", "x86_64"),
    ("linux", "Linux", "aarch64"),
    ("darwin", "Darwin", "x86_64"),
    ("darwin", "Darwin", "arm64"),
]


def environments():
    """Every supported environment, as markers see it."""
    for python in PYTHONS:
        for sys_platform, system, machine in PLATFORMS:
            yield {
                "implementation_name": "cpython",
                "implementation_version": python,
                "os_name": "posix",
                "platform_machine": machine,
                "platform_python_implementation": "CPython",
                "platform_release": "",
                "platform_system": system,
                "platform_version": "",
                "python_full_version": python,
                "python_version": python.rsplit(".", 1)[0],
                "sys_platform": sys_platform,
            }


def applies(requirement, environment, extra=""):
    marker = requirement.marker
    return marker is None or Marker(str(marker)).evaluate({**environment, "extra": extra})


def read_requirements(path):
    """The pins of a file, each with its hashes."""
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"#.*\n", "", file.read()).replace("\\\n", " ")
    pins = []
    for line in filter(None, map(str.strip, text.splitlines())):
        specifier, *hashes = re.split(r"\s+--hash=", line)
        pins.append((Requirement(specifier), hashes))
    return pins


def version_of(pin):
    [specifier] = pin.specifier
    assert specifier.operator == "==", f"{pin} is no pin"
    return specifier.version


def installed(pins, environment):
    """The versions that a file installs in an environment."""
    chosen = [pin for pin, _ in pins if applies(pin, environment)]
    return {canonicalize_name(pin.name): version_of(pin) for pin in chosen}


def gaps(packages, dependencies, environment):
    """Each need of an installed package that no installed one fills."""
    wanted = [(name, "") for name in packages]
    seen = set()
    while wanted:
        name, extra = wanted.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        pin = f"{name}=={packages[name]}"
        if pin not in dependencies:
            yield f"{pin} has no entry in the dependencies"
            continue
        for need in map(Requirement, dependencies[pin]):
            if not applies(need, environment, extra):
                continue
            other = canonicalize_name(need.name)
            version = packages.get(other)
            if version is None or not need.specifier.contains(version, prereleases=True):
                yield f"{pin} needs {need.name}{need.specifier}, found {version}"
            else:
                wanted += [(other, named) for named in need.extras]


def check(paths, dependencies):
    """All that is missing, and where two files would install different versions."""
    found = set()
    files = {path: read_requirements(path) for spec in paths for path in spec.split(":")}
    for environment in environments():
        where = f"Python {environment['python_full_version']}, {environment['platform_system']} "
        where += environment["platform_machine"]
        together = {}
        for spec in paths:
            packages = {}
            for path in spec.split(":"):
                packages.update(installed(files[path], environment))
            found |= {
                f"{spec}, {where}: {gap}" for gap in gaps(packages, dependencies, environment)
            }
            for name, version in packages.items():
                if together.setdefault(name, version) != version:
                    found.add(f"{spec}, {where}: {name} {version}, elsewhere {together[name]}")
    return sorted(found)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(json.dumps(check(sys.argv[2:], json.load(file)["needs"])))
