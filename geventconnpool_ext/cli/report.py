"""How the demo ends: as a table for people, as an object for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Dict, List, Mapping

from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from .settings import Settings
    from .verdict import Measured

__all__ = ["as_json", "ratio", "show"]

_COUNTS = (
    ("commands", "commands"),
    ("lost", "lost"),
    ("doubled", "doubled"),
    ("crossed", "crossed answers"),
    ("handshakes", "TLS handshakes"),
    ("logins", "logins"),
    ("hellos", "hellos"),
)


def ratio(direct: Measured, pool: Measured) -> float:
    """How many times as many commands per second the pool carried."""
    return round(pool.per_second / direct.per_second, 2)


def as_json(settings: Settings, direct: Measured, pool: Measured) -> str:
    """Everything, as one JSON object."""
    content: Dict[str, Any] = {
        "pool": pool._asdict(),
        "direct": direct._asdict(),
        "ratio": ratio(direct, pool),
        "settings": settings._asdict(),
    }
    return json.dumps(content, indent=2)


def show(settings: Settings, direct: Measured, pool: Measured) -> None:
    """Write the table to stdout, at most 80 columns wide."""
    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    table.add_column("")
    table.add_column("a connection\nper command", justify="right")
    table.add_column("through\nthe pool", justify="right")
    for name, label in _COUNTS:
        wrong = name in ("lost", "doubled", "crossed")
        table.add_row(
            label,
            _count(getattr(direct, name), wrong),
            _count(getattr(pool, name), wrong),
        )
    table.add_section()
    _breakdown(table, "sessions ended", direct.expired, pool.expired)
    table.add_section()
    _breakdown(table, "faults injected", direct.faults, pool.faults)
    table.add_section()
    table.add_row("latency, median", _ms(direct.p50_ms), _ms(pool.p50_ms))
    table.add_row("latency, 99 %", _ms(direct.p99_ms), _ms(pool.p99_ms))
    table.add_row(
        "commands per second",
        "{:.1f}".format(direct.per_second),
        "{:.1f}".format(pool.per_second),
    )
    table.add_row("ratio", "1", "[bold]{:.2f}[/bold]".format(ratio(direct, pool)))
    console.print(table)
    for line in _explained(settings):
        console.print(line, style="dim")
    console.print(_sentence(pool))


def _explained(settings: Settings) -> List[str]:
    return [
        "{} clients, {} sessions at most, {:g} ms per message, seed {}".format(
            settings.clients,
            settings.sessions,
            1000 * settings.latency,
            settings.seed,
        ),
        "Latency is the client's: its wait for a session is part of it.",
    ]


def _sentence(pool: Measured) -> str:
    if not (pool.lost or pool.doubled or pool.crossed):
        return "[bold green]The pool lost, doubled and crossed nothing.[/bold green]"
    return (
        "[bold red]The pool lost {}, doubled {} and crossed {} commands.[/bold red]"
    ).format(pool.lost, pool.doubled, pool.crossed)


def _breakdown(
    table: Table, title: str, direct: Mapping[str, int], pool: Mapping[str, int]
) -> None:
    table.add_row(title, str(sum(direct.values())), str(sum(pool.values())))
    for name in sorted({*direct, *pool}):
        table.add_row(
            "  " + name.replace("_", " "),
            str(direct.get(name, 0)),
            str(pool.get(name, 0)),
            style="dim",
        )


def _count(value: int, wrong: bool) -> str:
    return "[bold red]{}[/bold red]".format(value) if wrong and value else str(value)


def _ms(value: float) -> str:
    return "{:.1f} ms".format(value)
