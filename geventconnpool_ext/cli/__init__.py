"""The command line: which commands there are, and how they end.

Each command is a module with an ``add_parser``; what it needs beyond the
standard library is imported when it runs, so that ``--help`` and ``--version``
need no extra. Nothing is monkey-patched: all I/O is gevent's own.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Optional, Sequence

from .. import __version__
from . import demo, doctor, ping, serve
from .failure import Failure, complain

__all__ = ["main"]

PROGRAM = "geventconnpool-ext"


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command that *arguments* (default: the process's) ask for.

    Returns the exit status: 0, 1 if the command failed, 2 if what it was given is
    wrong. Raises SystemExit with 0 for ``--help`` and ``--version``, with 2 for an
    argument that is wrong by itself.
    """
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        # Here, where a reader that went away can still be reported calmly.
        sys.stdout.flush()
        return status
    except Failure as failure:
        complain(PROGRAM, str(failure))
        return failure.status
    except KeyboardInterrupt:
        complain(PROGRAM, "interrupted")
        return 130
    except BrokenPipeError:
        # Or the interpreter would try again at exit, and say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="A connection pool for gevent, with logged-in EPP sessions.",
    )
    parser.add_argument(
        "--version", action="version", version="{} {}".format(PROGRAM, __version__)
    )
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for command in (demo, serve, ping, doctor):
        command.add_parser(commands)
    return parser
