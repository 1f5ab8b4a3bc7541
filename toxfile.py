"""What tox.toml cannot say by itself: any cell's name is an environment.

tox loads this beside tox.toml. It works out the ``cell_...`` values that tox.toml
uses from the environment's name; what they are made of is in maintenance.cell_wheel.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterable

from tox.plugin import impl
from tox.report import HandledError

from maintenance import interpreters
from maintenance.cell_wheel.cell import NAME, Cell
from maintenance.cell_wheel.constraints import Era, era_of
from maintenance.cell_wheel.gevent_wheel import BuildError, build_gevent

if TYPE_CHECKING:
    from tox.config.sets import EnvConfigSet
    from tox.session.state import State

ROOT = Path(__file__).resolve().parent


@impl
def tox_extend_envs() -> Iterable[str]:
    """Make known the cells that are asked for: there are as many as releases."""
    asked = ",".join([*sys.argv[1:], os.environ.get("TOXENV", "")])
    return dict.fromkeys(word for word in asked.split(",") if NAME.fullmatch(word))


@impl
def tox_add_env_config(env_conf: EnvConfigSet, state: State) -> None:
    """Add the values that tox.toml takes for granted."""
    name = env_conf.name
    add = partial(_add, env_conf)
    add("cell_tool", "the Python that runs tox", lambda: sys.executable)
    if name.startswith(".pkg"):
        return
    add("cell_tier", "which wheel of ours", lambda: _tier(_cell(name)))
    add("cell_gevent", "the gevent to install", lambda: _gevent(_cell(name)))
    add("cell_constraints", "its constraint file", lambda: _constraints(_cell(name)))
    if NAME.fullmatch(name):
        _put_on_path(_cell(name))


def _add(
    env_conf: EnvConfigSet, key: str, description: str, value: Callable[[], str]
) -> None:
    def default(conf: Any, name: str | None) -> str:
        return value()

    env_conf.add_config(key, of_type=str, default=default, desc=description)


def _cell(name: str) -> Cell:
    try:
        return Cell.named(name)
    except ValueError as error:
        raise HandledError(f"tox runs cells here: {error}") from None


def _tier(cell: Cell) -> str:
    return "historical" if cell.historical else "today"


def _constraints(cell: Cell) -> str:
    return str(_era(cell).file)


def _gevent(cell: Cell) -> str:
    era = _era(cell)
    if not era.source:
        return f"gevent=={cell.release}"
    try:
        wheel = build_gevent(ROOT, cell, era, _interpreter(cell))
    except BuildError as error:
        raise HandledError(f"gevent {cell.release} cannot be built: {error}") from None
    return f"gevent @ {wheel.as_uri()}"


def _era(cell: Cell) -> Era:
    try:
        return era_of(ROOT, cell.release, "{}.{}".format(*cell.python))
    except ValueError as error:
        raise HandledError(str(error)) from None


def _interpreter(cell: Cell) -> str:
    found = interpreters.find([cell.python])
    if cell.python not in found:
        raise HandledError(
            "no Python {}.{} was found: name one in {}".format(
                *cell.python, interpreters.VARIABLE
            )
        )
    return found[cell.python]


def _put_on_path(cell: Cell) -> None:
    """Let uv, which looks on PATH, find the interpreter that is meant."""
    directory = str(Path(_interpreter(cell)).parent)
    os.environ["PATH"] = os.pathsep.join([directory, os.environ.get("PATH", "")])
