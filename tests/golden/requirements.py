"""Writes what each package of set-up's requirement files needs, as its own metadata say.

Asks the package index through pip, for every supported Python and platform: a pin without a wheel
of a listed hash for one of them ends this with pip's error. Needs a Python with pip 23.3 or newer
and packaging; the version of pip is in the JSON.
"""
import json
import os
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "cli"))
sys.dont_write_bytecode = True

from _closure import applies, environments, read_requirements, version_of  # noqa: E402
from packaging.requirements import Requirement  # noqa: E402
from packaging.utils import canonicalize_name  # noqa: E402

SETUP = os.path.join(here, "..", "..", "lib", "cli", "setup")
FILES = ["requirements.txt", "requirements_cluster.txt", "requirements_lab.txt"]


def tags(environment):
    """The platforms of wheels for glibc 2.28 or newer, and for macOS 13 or newer."""
    machine = environment["platform_machine"]
    if environment["sys_platform"] == "darwin":
        return [f"macosx_13_0_{machine}"]
    legacy = ["manylinux1", "manylinux2010", "manylinux2014"]
    return [f"{name}_{machine}" for name in [*legacy, *(f"manylinux_2_{k}" for k in range(5, 29))]]


def report(pins, environment):
    """pip's own account of what it would install."""
    lines = [
        f"{pin.name}=={version_of(pin)} " + " ".join(f"--hash={one}" for one in hashes) + "\n"
        for pin, hashes in pins
    ]
    with tempfile.TemporaryDirectory() as folder:
        listed, answer = os.path.join(folder, "pins.txt"), os.path.join(folder, "answer.json")
        with open(listed, "w", encoding="utf-8") as file:
            file.writelines(sorted(set(lines)))
        python = environment["python_full_version"]
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps"]
            + ["--ignore-installed", "--require-hashes", "--only-binary=:all:", f"--report={answer}"]
            + [f"--target={os.path.join(folder, 'none')}", f"--python-version={python}"]
            + [f"--platform={tag}" for tag in tags(environment)]
            + [f"--requirement={listed}"],
            check=True,
        )
        with open(answer, encoding="utf-8") as file:
            return json.load(file)


def needs():
    """Requires-Dist of every package that is installed anywhere."""
    pins = [pin for name in FILES for pin in read_requirements(os.path.join(SETUP, name))]
    found = {}
    for environment in environments():
        print(environment["python_full_version"], environment["platform_machine"], file=sys.stderr)
        chosen = [(pin, hashes) for pin, hashes in pins if applies(pin, environment)]
        for one in report(chosen, environment)["install"]:
            metadata = one["metadata"]
            name = f"{canonicalize_name(metadata['name'])}=={metadata['version']}"
            found[name] = metadata.get("requires_dist", [])
    return found


def without_unused_extras(found):
    """Leaves out what only an extra that nobody asks for needs."""
    every = {name: [Requirement(text) for text in texts] for name, texts in found.items()}
    asked = {
        (canonicalize_name(need.name), extra)
        for all_needs in every.values()
        for need in all_needs
        for extra in need.extras
    }
    kept = {}
    for pin, all_needs in sorted(every.items()):
        extras = ["", *(extra for name, extra in asked if name == pin.split("==")[0])]
        used = [
            str(need)
            for need in all_needs
            if any(applies(need, environment, e) for environment in environments() for e in extras)
        ]
        kept[pin] = sorted(used)
    return kept


def main():
    import pip

    content = {"versions": {"pip": pip.__version__}, "needs": without_unused_extras(needs())}
    with open(os.path.join(here, "requirements.json"), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
