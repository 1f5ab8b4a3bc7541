"""Makes wheels to serve: ours from the tree, others from what is installed here.

A release that never was is a copy under another version, with the change that makes
it bad or good. Nothing is downloaded.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path

__all__ = ["Release", "built_here", "installed"]

ROOT = Path(__file__).resolve().parents[2]


class Release:
    """The files of a release: *name*, *version*, and contents by path."""

    def __init__(self, name, version, tag, files):
        self.name = name
        self.version = version
        self.tag = tag
        self.files = files

    def of_version(self, version, change=None):
        """The same as *version*; *change* gets the package's ``__init__`` to change."""
        old, new = (
            "{}-{}.dist-info/".format(self._escaped, one)
            for one in (self.version, version)
        )
        files = {path.replace(old, new): data for path, data in self.files.items()}
        headers = files[new + "METADATA"]
        files[new + "METADATA"] = re.sub(
            rb"^Version: .*$", b"Version: " + version.encode(), headers, flags=re.M
        )
        package = self._escaped + "/__init__.py"
        text = re.sub(
            r"^__version__ = .*$",
            "__version__ = {!r}".format(version),
            files[package].decode(),
            flags=re.M,
        )
        files[package] = (text if change is None else change(text)).encode()
        return Release(self.name, version, self.tag, files)

    def write(self, directory):
        """Write the wheel; returns its path."""
        path = directory / "{}-{}-{}.whl".format(self._escaped, self.version, self.tag)
        record = "{}-{}.dist-info/RECORD".format(self._escaped, self.version)
        lines = ["{},{},{}".format(p, *_seen(d)) for p, d in self.files.items()]
        lines.append(record + ",,")
        with zipfile.ZipFile(path, "w") as file:
            for name, data in self.files.items():
                file.writestr(name, data)
            file.writestr(record, "\n".join(lines) + "\n")
        return path

    def unpack(self, packages):
        """Install into this site-packages, in the place of another version.

        As an installer does it, but without pip's seconds: for what is there before
        the command that a test is about.
        """
        shutil.rmtree(packages / self._escaped, ignore_errors=True)
        for old in packages.glob(self._escaped + "-*.dist-info"):
            shutil.rmtree(old)
        with tempfile.TemporaryDirectory() as directory:
            shutil.unpack_archive(self.write(Path(directory)), packages, "zip")

    @property
    def _escaped(self):
        return re.sub(r"[-_.]+", "_", self.name)

    def requirements(self):
        """The names that this release requires here, extras aside."""
        (path,) = (p for p in self.files if p.endswith(".dist-info/METADATA"))
        for line in self.files[path].decode("utf-8", "replace").splitlines():
            if line.startswith("Requires-Dist:") and "extra ==" not in line:
                yield re.split(r"[^\w.-]", line.split(":")[1].strip())[0]


def built_here(directory):
    """This package, as the tree's wheel."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d"]
    subprocess.run(
        [*command, str(directory)],
        cwd=str(ROOT),
        check=True,
        stdout=subprocess.DEVNULL,
        timeout=60,
    )
    (path,) = directory.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        files = {
            name: archive.read(name)
            for name in archive.namelist()
            if not name.endswith(("/", ".dist-info/RECORD"))
        }
    name, version = path.name.split("-")[:2]
    return Release(name, version, "py3-none-any", files)


def installed(name):
    """What is installed here under this name, without its tests and C sources."""
    found = metadata.distribution(name)
    files = {}
    info = None
    for path in found.files or ():
        text = path.as_posix()
        if text.startswith("..") or "/tests/" in text or "__pycache__" in text:
            continue
        if text.endswith((".c", ".h", ".cpp", ".pyx", ".pxd", "/RECORD", "/INSTALLER")):
            continue
        where = Path(str(found.locate_file(path)))
        if not where.is_file():
            continue
        if text.endswith(".dist-info/METADATA"):
            info = text.split("/")[0]
        files[text] = where.read_bytes()
    assert info is not None, "{} was not installed from a wheel".format(name)
    spelt, _, version = info[: -len(".dist-info")].rpartition("-")
    (tags,) = (d for p, d in files.items() if p == info + "/WHEEL")
    (tag,) = re.findall(r"^Tag: (.*)$", tags.decode(), re.M)[:1]
    escaped = re.sub(r"[-_.]+", "_", spelt)
    files = {
        path.replace(info, "{}-{}.dist-info".format(escaped, version)): data
        for path, data in files.items()
    }
    return Release(spelt, version, tag, files)


def _seen(data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return "sha256=" + digest.decode(), len(data)
