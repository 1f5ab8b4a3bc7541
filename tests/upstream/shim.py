"""Loads the released geventconnpool 0.2.1, which no Python 3 can import by itself.

Nothing of its text is kept here: the sdist comes from the package index, is
checked by its hash, and waits in a cache that git ignores. In memory, and there
alone, three names are put right: ``gevent.coros`` became ``gevent.lock``,
``xrange`` became ``range``, and a module of the same package is imported as such.
What a test does when there is no release to be had is presence.py's affair.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import types
from pathlib import Path, PurePosixPath
from typing import Any, Collection

__all__ = [
    "CACHE",
    "CHANGES",
    "SHA256",
    "VERSION",
    "cached",
    "load",
    "sdist",
    "unpack",
    "verified",
]

VERSION = "0.2.1"
SHA256 = "d80ba45260c4ea6fad8569397f5f5f4ada4a7d2a18fcb8ea1dca82f32fbcddc9"
CACHE_VARIABLE = "GEVENTCONNPOOL_EXT_UPSTREAM_CACHE"
CACHE = Path(
    os.environ.get(CACHE_VARIABLE)
    or Path(__file__).resolve().parents[2] / ".cache" / "upstream"
)
CHANGES = {
    "coros": ("from gevent.coros import", "from gevent.lock import"),
    "xrange": ("xrange(", "range("),
}
"""What is put right in the text of pool.py, by the name that is gone."""
_NAME = "geventconnpool"
_FILE = "{}-{}.tar.gz".format(_NAME, VERSION)
_SOURCE = PurePosixPath("{}-{}".format(_NAME, VERSION), "src", _NAME)


def verified(path: Path) -> Path:
    """Return *path* if it is the release, by its hash; else raise ValueError."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise ValueError(
            "{} is not geventconnpool {}: its sha256 is {}, not {}".format(
                path.name, VERSION, found, SHA256
            )
        )
    return path


def cached() -> Path:
    """Where the sdist is, or will be once it was downloaded."""
    return CACHE / _FILE


def sdist() -> Path:
    """The verified sdist, downloaded by pip if the cache has none.

    pip asks the sdist's own setup.py for its metadata, so it needs an index with
    setuptools. Raises subprocess.CalledProcessError without pip or index.
    """
    path = cached()
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        # Aside first, since several test processes may come here at once.
        with tempfile.TemporaryDirectory(dir=str(CACHE)) as aside:
            _download(Path(aside))
            os.replace(str(verified(Path(aside) / _FILE)), str(path))
    return verified(path)


def unpack(directory: Path) -> Path:
    """Write upstream's package, as it was released, into *directory*; return that."""
    target = directory / _NAME
    target.mkdir(parents=True)
    with tarfile.open(sdist()) as archive:
        for member in archive.getmembers():
            if PurePosixPath(member.name).parent == _SOURCE and member.isfile():
                text = archive.extractfile(member)
                assert text is not None
                (target / PurePosixPath(member.name).name).write_bytes(text.read())
    return directory


def load(*, put_right: bool = True, except_for: Collection[str] = ()) -> Any:
    """A new copy of upstream's package, with ``ConnectionPool`` and ``retry``.

    It stands in no sys.modules: copies share nothing. With *put_right* False its
    text is run as it was released, which raises ImportError on Python 3; a name of
    CHANGES in *except_for* alone is left as it was.
    """
    with tarfile.open(sdist()) as archive:
        member = archive.extractfile(str(_SOURCE / "pool.py"))
        assert member is not None
        text = member.read().decode("utf-8")
    if put_right:
        for name, (old, new) in CHANGES.items():
            if name not in except_for:
                text = text.replace(old, new)
    pool = types.ModuleType(_NAME + ".pool")
    exec(compile(text, _NAME + "/pool.py", "exec"), pool.__dict__)
    package: Any = types.ModuleType(_NAME)
    package.pool = pool
    for name in ("ConnectionPool", "retry"):
        setattr(package, name, pool.__dict__[name])
    package.__version__ = VERSION
    return package


def _download(directory: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
    command += ["--disable-pip-version-check", "--no-binary", ":all:"]
    command += ["--retries=2", "-d", str(directory), "{}=={}".format(_NAME, VERSION)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
