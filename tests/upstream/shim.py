"""Loads the released geventconnpool 0.2.1, which no Python 3 can import by itself.

Nothing of its text is kept here: the sdist comes from the package index, is
checked by its hash, and waits in a cache that git ignores. In memory, and there
alone, three names are put right: ``gevent.coros`` became ``gevent.lock``,
``xrange`` became ``range``, and a module of the same package is imported as such.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import types
from pathlib import Path
from typing import Any

__all__ = ["CACHE", "SHA256", "VERSION", "load", "sdist", "verified"]

VERSION = "0.2.1"
SHA256 = "d80ba45260c4ea6fad8569397f5f5f4ada4a7d2a18fcb8ea1dca82f32fbcddc9"
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "upstream"
_NAME = "geventconnpool"
_POOL = "geventconnpool-{}/src/geventconnpool/pool.py".format(VERSION)
_CHANGES = (
    ("from gevent.coros import", "from gevent.lock import"),
    ("xrange(", "range("),
)


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


def sdist() -> Path:
    """The verified sdist, downloaded by pip if the cache has none.

    pip asks the sdist's own setup.py for its metadata, so it needs an index with
    setuptools. Raises subprocess.CalledProcessError without pip or index.
    """
    path = CACHE / "geventconnpool-{}.tar.gz".format(VERSION)
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
        command += ["--no-binary", ":all:", "-d", str(CACHE)]
        command.append("{}=={}".format(_NAME, VERSION))
        subprocess.run(command, check=True, timeout=120, stdout=subprocess.DEVNULL)
    return verified(path)


def load(*, put_right: bool = True) -> Any:
    """A new copy of upstream's package, with ``ConnectionPool`` and ``retry``.

    It stands in no sys.modules: copies share nothing. With *put_right* False its
    text is run as it was released, which raises ImportError on Python 3.
    """
    with tarfile.open(sdist()) as archive:
        member = archive.extractfile(_POOL)
        assert member is not None
        text = member.read().decode("utf-8")
    if put_right:
        for old, new in _CHANGES:
            text = text.replace(old, new)
    pool = types.ModuleType(_NAME + ".pool")
    exec(compile(text, _NAME + "/pool.py", "exec"), pool.__dict__)
    package: Any = types.ModuleType(_NAME)
    package.pool = pool
    for name in ("ConnectionPool", "retry"):
        setattr(package, name, pool.__dict__[name])
    package.__version__ = VERSION
    return package
