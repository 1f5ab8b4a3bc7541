"""Runs pytest in one of the surroundings that a program may give the pool.

``python run.py SURROUNDINGS ARGUMENTS...``; what the environment and the interpreter's
options must be stands in ``SURROUNDINGS``. It first makes sure that it is in them.
"""

from __future__ import annotations

import sys
from typing import NamedTuple, Tuple, Type


class Surroundings(NamedTuple):
    """How an interpreter must be started."""

    options: Tuple[str, ...] = ()
    environment: Tuple[Tuple[str, str], ...] = ()
    patched: bool = False


SURROUNDINGS = {
    "plain": Surroundings(),
    "patched": Surroundings(patched=True),
    "libuv": Surroundings(environment=(("GEVENT_LOOP", "libuv"),)),
    "pure": Surroundings(environment=(("PURE_PYTHON", "1"),)),
    "strict": Surroundings(options=("-X", "dev", "-W", "error")),
    "strict patched": Surroundings(options=("-X", "dev", "-W", "error"), patched=True),
}

# Warnings of other packages, which -W error would make errors before pytest's own
# filters hold: (what the message begins with, category, why it is let through).
FOREIGN_WARNINGS: Tuple[Tuple[str, Type[Warning], str], ...] = (
    (
        "pkg_resources is deprecated",
        DeprecationWarning,
        "old gevent looks for its plugins with it when it patches",
    ),
    (
        "Deprecated call to .pkg_resources",
        DeprecationWarning,
        "old zope packages, which it loads then",
    ),
)


def main(name, arguments):
    """Make the surroundings, look at them, run pytest."""
    import warnings

    wanted = SURROUNDINGS[name]
    if wanted.options:
        for message, category, _why in FOREIGN_WARNINGS:
            warnings.filterwarnings("ignore", message, category)
    if wanted.patched:
        from gevent import monkey

        monkey.patch_all()
    import gevent.hub
    import gevent.monkey

    assert gevent.monkey.is_module_patched("socket") == wanted.patched
    loop = type(gevent.get_hub().loop).__module__
    assert ("libuv" in loop) == (name == "libuv"), loop
    # The compiled greenlet is in a module with a name of its own.
    compiled = gevent.Greenlet.__init__.__class__.__name__ != "function"
    assert compiled == (name != "pure")
    assert sys.flags.dev_mode == bool(wanted.options)
    assert ("error" in sys.warnoptions) == bool(wanted.options)

    import pytest

    return pytest.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
