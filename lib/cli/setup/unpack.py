"""Unpacks chosen members of a wheel or tar.gz.

usage: unpack.py ARCHIVE FOLDER PATTERN=TARGET...

A member whose whole name matches the regular expression PATTERN is written to FOLDER/TARGET, in
which \\1, \\2, ... are its groups. Each pattern must match at least one member.
"""
import os
import re
import shutil
import sys
import tarfile
import zipfile


def members(archive):
    """Yields (name, opener or None, link target or None)."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as bundle:
            for info in bundle.infolist():
                if not info.is_dir():
                    yield info.filename, (lambda info=info: bundle.open(info)), None
    else:
        with tarfile.open(archive) as bundle:
            for info in bundle:
                if info.isreg():
                    yield info.name, (lambda info=info: bundle.extractfile(info)), None
                elif info.issym():
                    yield info.name, None, info.linkname


def main(archive, folder, *rules):
    patterns = [rule.rsplit("=", 1) for rule in rules]
    unused = {pattern for pattern, _ in patterns}
    for name, opener, link in members(archive):
        name = re.sub(r"^\./", "", name)
        for pattern, target in patterns:
            match = re.fullmatch(pattern, name)
            if not match:
                continue
            unused.discard(pattern)
            path = os.path.join(folder, match.expand(target))
            inside = os.path.realpath(folder) + os.sep
            if not os.path.realpath(path).startswith(inside) or (link and "/" in link):
                sys.exit(f"{archive}: the member {name} points outside the folder")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if link:
                os.symlink(link, path)
            else:
                with opener() as source, open(path, "wb") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
            break
    if unused:
        sys.exit(f"{archive}: no member matches {sorted(unused)}")


main(*sys.argv[1:])
