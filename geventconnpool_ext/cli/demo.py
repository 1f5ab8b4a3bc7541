"""``demo``: the same work over a connection per command and through the pool.

This module has the command's arguments and order of events; the two runs are
in ``direct`` and ``pooled``, the work in ``work``, the judging in ``verdict``; what
``--plot`` needs, in ``recording`` and ``plot``, is imported for it alone.
"""

from __future__ import annotations

import argparse
import logging
import os.path
import sys
from typing import TYPE_CHECKING, Callable, Optional

from ..errors import PoolError
from .arguments import count, milliseconds, picture
from .failure import Failure, require
from .interrupts import interruptible
from .output import require_writable, write

if TYPE_CHECKING:
    from ..testing import Server
    from .direct import PlainClient
    from .pooled import PooledRun
    from .recording import Recording
    from .settings import Settings
    from .verdict import Measured

__all__ = ["add_parser"]

_DESCRIPTION = """\
Start a registry that logs sessions out, drops them and ages them, and send it
the same commands twice: with a connection per command, and from many greenlets
through a small pool of sessions. The registry's record tells what was

  lost      not done, or done without the client being told so;
  doubled   changed the registry twice;
  crossed   answered with another command's answer.

The connection per command is what a plain program does: connect, log in, send,
log out; when anything goes wrong, connect and send the same command again, at
most three times; as many at once as the pool has sessions. The client of the
pool looks up, by info, what may have been executed before it sends it again.
Both meet the same kinds of faults, equally often. Rates are over the time at
work: opening the pool, and two pauses in which sessions are kept alive, age
and expire, are left out.

--plot draws both runs: what each session did when, and how many clients waited.

Exit status 1 if the pool lost, doubled or crossed anything.
"""
_MOST_PROBLEMS_SHOWN = 10


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to *commands*."""
    parser = commands.add_parser(
        "demo",
        help="see what the pool does, against a registry with faults",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--commands",
        type=count,
        default=600,
        metavar="N",
        help="how many commands to send (default: %(default)s)",
    )
    parser.add_argument(
        "--clients",
        type=count,
        default=200,
        metavar="N",
        help="greenlets that send them (default: %(default)s)",
    )
    parser.add_argument(
        "--sessions",
        type=count,
        default=12,
        metavar="N",
        help="most sessions at once (default: %(default)s)",
    )
    parser.add_argument(
        "--latency",
        type=milliseconds,
        default=20.0,
        metavar="MS",
        help="what the registry takes for every message (default: 20)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="S",
        help="decides which commands and which faults (default: %(default)s)",
    )
    parser.add_argument(
        "--json", action="store_true", help="write one JSON object, not a table"
    )
    parser.add_argument(
        "--plot",
        type=picture,
        metavar="FILE",
        help="draw both runs into FILE, by its ending as .svg or .png",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the demo; return 1 if the pool lost, doubled or crossed anything."""
    modules = {"lxml": "epp", "rich": "cli", "trustme": "testing"}
    if options.plot is not None:
        modules["matplotlib"] = "plot"
    require("demo", **modules)
    if options.plot is not None:
        require_writable(options.plot)
    from .settings import Settings

    # The faults are expected: a warning about each would only hide the table.
    logging.getLogger("geventconnpool_ext").addHandler(logging.NullHandler())
    settings = Settings(
        options.commands,
        options.clients,
        options.sessions,
        options.latency / 1000,
        options.seed,
    )
    with interruptible():
        return _demonstrate(settings, options.json, options.plot)


def _demonstrate(settings: Settings, as_object: bool, plot: Optional[str]) -> int:
    from . import report
    from .direct import PlainClient, run_direct
    from .pooled import PooledRun
    from .progress import Display

    make_client: Callable[[Settings, Server], PlainClient] = PlainClient
    make_run: Callable[[Settings, Callable[[], None]], PooledRun] = PooledRun
    recording: Optional[Recording] = None
    if plot is not None:
        from .recording import Recording

        recording = Recording()
        make_client, make_run = recording.make_client, recording.make_run
    with Display() as display:
        direct = run_direct(
            settings,
            display.track("a connection per command", settings.commands),
            make_client,
        )
        pooled = make_run(
            settings, display.track("through the pool", settings.commands)
        )
        display.status(lambda: pooled.status)
        try:
            pool = pooled.run()
        except PoolError as error:
            raise Failure("the pool could not be opened: {}".format(error)) from None
    if as_object:
        print(report.as_json(settings, direct, pool))
    else:
        report.show(settings, direct, pool)
    assert pooled.verdict is not None
    for problem in pooled.verdict.problems[:_MOST_PROBLEMS_SHOWN]:
        print(problem, file=sys.stderr)
    if plot is not None and recording is not None:
        from .captions import Run
        from .plot import draw

        ending = os.path.splitext(plot)[1].lower()
        runs = Run(recording.direct, direct), Run(recording.pool, pool)
        write(plot, draw(ending, settings, *runs))
    return 1 if _failed(pool) else 0


def _failed(pool: Measured) -> bool:
    return bool(pool.lost or pool.doubled or pool.crossed)
