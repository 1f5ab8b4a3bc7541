"""What ``doctor`` looks at in gevent: its version, greenlet, event loop, resolver.

Each function examines one thing and says what it found.
Nothing is written and no network is used; how it is shown is in ``doctor``. A child
process imports gevent once more, because a warning of that import is over here.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
import sysconfig
from typing import List, NamedTuple, Optional

import gevent

from .. import __version__
from ..compatibility import Cell, Matrix
from .finding import NOTE, OK, PROBLEM, WARNING, Finding
from .installed import install, version

__all__ = ["Versions", "examine"]

_PACKAGE = "geventconnpool_ext"
_PATCHED = ("socket", "ssl", "select", "threading", "time", "os", "subprocess")
_IMPORT_GEVENT = """
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    import gevent
    gevent.get_hub()
print(*{str(w.message) for w in seen if "size changed" in str(w.message)}, sep="\\n")
"""


class Versions(NamedTuple):
    """What is installed here."""

    package: str
    implementation: str
    python: str
    gevent: str
    greenlet: str
    platform: str

    @property
    def minor(self) -> str:
        """The Python as the matrix names it, like ``3.11``."""
        return ".".join(self.python.split(".")[:2])

    @classmethod
    def installed(cls) -> Versions:
        """Ask this interpreter."""
        implementation = platform.python_implementation()
        if sysconfig.get_config_var("Py_GIL_DISABLED"):
            implementation += " without GIL"
        return cls(
            __version__,
            implementation,
            platform.python_version(),
            version("gevent"),
            version("greenlet"),
            sysconfig.get_platform(),
        )


def examine(versions: Versions, matrix: Optional[Matrix]) -> List[Finding]:
    """Look at all of it; the first finding is about gevent on this Python."""
    cell = matrix and matrix.cell(versions.gevent, versions.minor)
    return [
        _tested(versions, matrix, cell or None),
        _greenlet(versions, cell or None),
        _loop(),
        _libuv(),
        _patching(),
        _resolver(),
    ]


def _tested(
    versions: Versions, matrix: Optional[Matrix], cell: Optional[Cell]
) -> Finding:
    """Whether this gevent is known to work on this Python."""
    here = "gevent {} on Python {}".format(versions.gevent, versions.minor)
    why = "gevent changes faster than this pool: only what was run is known."
    if matrix is None:
        return Finding(
            "gevent",
            WARNING,
            "{}: not known whether it was tested".format(here),
            "This installation lacks the results that the wheel carries.",
            "Install the wheel: " + install(_PACKAGE),
        )
    if cell is None:
        return Finding(
            "gevent",
            WARNING,
            "{} was not tested".format(here),
            why,
            _tested_instead(versions, matrix),
        )
    if cell.outcome != "pass":
        return Finding(
            "gevent",
            PROBLEM,
            "{} fails its tests ({}): {}".format(here, cell.outcome, cell.reason),
            "The pool's promises do not hold with it.",
            _tested_instead(versions, matrix),
        )
    different = []
    if versions.implementation != "CPython":
        different.append("CPython, not " + versions.implementation)
    if versions.platform != matrix.platform:
        different.append("{}, not {}".format(matrix.platform, versions.platform))
    if different:
        return Finding(
            "gevent",
            WARNING,
            "{} passes, but it was tested on {}".format(here, " and ".join(different)),
            why,
            "Run the pool's contract tests here: nox -s tests -- -m contract",
        )
    return Finding(
        "gevent",
        OK,
        "{} was tested and passes ({})".format(here, ", ".join(cell.loops)),
        why,
        "",
    )


def _tested_instead(versions: Versions, matrix: Matrix) -> str:
    """What to install in the place of what is not known to work."""
    releases = matrix.passing_releases(versions.minor)
    pythons = matrix.passing_pythons(versions.gevent)
    advice = []
    if releases:
        advice.append(install("gevent=={}".format(releases[-1])))
    if pythons:
        advice.append(
            "gevent {} passes on Python {}".format(versions.gevent, ", ".join(pythons))
        )
    if not advice:
        newest = matrix.cells[-1].gevent if matrix.cells else "a tested one"
        advice.append("Take a Python on which gevent {} passes".format(newest))
    return "; or: ".join(advice)


def _greenlet(versions: Versions, cell: Optional[Cell]) -> Finding:
    """Whether gevent was built for this greenlet, and was tested with it."""
    here = "greenlet {}".format(versions.greenlet)
    tested = cell.greenlet if cell is not None else None
    mismatch = _mismatch()
    if mismatch:
        wanted = tested or "the one that this gevent asks for"
        return Finding(
            "greenlet",
            PROBLEM,
            "{} does not fit this gevent: {}".format(here, mismatch),
            "gevent was built for a greenlet whose objects have another size: it may "
            "import well and crash later.",
            install("greenlet=={}".format(tested)) if tested else "Install " + wanted,
        )
    if tested is None:
        what = here + " fits this gevent"
    elif tested == versions.greenlet:
        what = here + " is the one that was tested"
    else:
        what = "{} fits this gevent, which was tested with {}".format(here, tested)
    return Finding(
        "greenlet",
        OK if tested in (None, versions.greenlet) else NOTE,
        what,
        "gevent is compiled against greenlet, so the two must fit.",
        "",
    )


def _mismatch() -> str:
    """What gevent warns of while it is imported; empty if nothing."""
    child = subprocess.run(
        [sys.executable, "-c", _IMPORT_GEVENT],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    return child.stdout.decode("utf-8", "replace").strip().partition("\n")[0]


def _loop() -> Finding:
    """Whether there is an event loop, and which."""
    why = "Everything that waits, waits in gevent's event loop."
    chosen = os.environ.get("GEVENT_LOOP")
    try:
        loop = gevent.get_hub().loop
    except Exception as error:
        return Finding(
            "loop",
            PROBLEM,
            "there is no event loop: {}".format(_words(error)),
            why,
            "GEVENT_LOOP is {!r}: unset it, or install cffi for libuv".format(chosen)
            if chosen
            else "Install gevent anew: " + install("--force-reinstall gevent"),
        )
    module = type(loop).__module__
    name = "{} ({})".format(_LOOPS.get(module, module), module)
    return Finding("loop", OK, "the event loop is {}".format(name), why, "")


_LOOPS = {
    "gevent.libev.corecext": "libev-cext",
    "gevent.libev.corecffi": "libev-cffi",
    "gevent.libuv.loop": "libuv-cffi",
}


def _libuv() -> Finding:
    """Whether the other event loop could be used."""
    missing = [
        name
        for name in ("cffi", "gevent.libuv._corecffi")
        if importlib.util.find_spec(name) is None
    ]
    why = "GEVENT_LOOP=libuv needs it; without that variable it is not used."
    if missing:
        what = "libuv cannot be used: there is no {}".format(missing[0])
        action = install("cffi") + ", if you want libuv" if "cffi" in missing else ""
        return Finding("libuv", NOTE, what, why, action)
    return Finding("libuv", OK, "libuv can be used: cffi is installed", why, "")


def _patching() -> Finding:
    """Whether blocking modules of the standard library are gevent's here."""
    from gevent import monkey

    patched = [name for name in _PATCHED if monkey.is_module_patched(name)]
    why = (
        "The pool and its EPP client need no patching, but what your own connect "
        "calls may: an unpatched socket stops every greenlet while it waits."
    )
    if not patched:
        what = "nothing is monkey-patched in this process; your program may be"
        action = (
            "Nothing, if your program patches, or all its I/O is gevent's. To see it "
            "with patching: "
            "python -m gevent.monkey --module geventconnpool_ext doctor"
        )
        return Finding("patching", NOTE, what, why, action)
    if "socket" in patched and "ssl" not in patched:
        return Finding(
            "patching",
            WARNING,
            "socket is monkey-patched and ssl is not",
            why,
            "Use gevent.monkey.patch_all(), before anything else is imported",
        )
    what = "monkey-patched: " + ", ".join(patched)
    return Finding("patching", OK, what, why, "")


def _resolver() -> Finding:
    """How names are resolved."""
    try:
        resolver = gevent.config.resolver
    except Exception as error:
        return Finding(
            "resolver",
            PROBLEM,
            "names cannot be resolved: {}".format(_words(error)),
            "Each connect to a host by name asks the resolver.",
            "Unset GEVENT_RESOLVER, or install what it names",
        )
    module = str(getattr(resolver, "__module__", resolver))
    name = module.rpartition(".")[2]
    level, why, action = _RESOLVERS.get(name, (NOTE, "It is not one of gevent's.", ""))
    what = "names are resolved by {!r}".format(name)
    return Finding("resolver", level, what, why, action)


_RESOLVERS = {
    "thread": (OK, "The system's resolver, in threads: others run meanwhile.", ""),
    "ares": (NOTE, "c-ares reads /etc/hosts and DNS, but no other name service.", ""),
    "dnspython": (NOTE, "dnspython reads /etc/hosts and DNS, no other service.", ""),
    "blocking": (
        WARNING,
        "Every greenlet stands still while one name is resolved.",
        "Unset GEVENT_RESOLVER",
    ),
}


def _words(error: BaseException) -> str:
    """The first sentence of an error, which gevent may have made of several."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else text[:197] + "..."
