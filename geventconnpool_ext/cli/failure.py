"""How a command fails: in words, on stderr, without a traceback."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import textwrap

__all__ = ["Failure", "WrongUse", "complain", "require"]

_DISTRIBUTION = "geventconnpool_ext"


class Failure(Exception):
    """What the command was to do cannot be done; the text says why."""

    status = 1
    """The exit status of the command."""


class WrongUse(Failure):
    """What the command was given is wrong or missing; it has not begun."""

    status = 2


def complain(program: str, text: str) -> None:
    """Write *text* to stderr: wrapped on a terminal, else as one line."""
    line = "{}: error: {}".format(program, " ".join(text.split()))
    if sys.stderr.isatty():
        width = min(shutil.get_terminal_size().columns, 80)
        line = textwrap.fill(
            line, width - 1, subsequent_indent="  ", break_on_hyphens=False
        )
    print(line, file=sys.stderr)


def require(command: str, **modules: str) -> None:
    """Raise ``Failure`` unless *modules*, a module to its extra, can be imported."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise Failure(
            "{} needs {}: python -m pip install '{}[{}]'".format(
                command,
                " and ".join(missing),
                _DISTRIBUTION,
                ",".join(sorted({modules[name] for name in missing})),
            )
        )
