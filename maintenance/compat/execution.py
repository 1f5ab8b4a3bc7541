"""Runs the chosen cells side by side and records each as soon as it has ended.

An interrupt loses what runs, and nothing that has ended. What is chosen, and how one
cell is run and judged, is told elsewhere.
"""

from __future__ import annotations

import datetime
import statistics
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Callable, Mapping

from rich.console import Console

from maintenance.compat.cells import Cell
from maintenance.compat.classify import Run, Verdict, classify
from maintenance.compat.errors import UnclassifiedError
from maintenance.compat.expected import surprise
from maintenance.compat.matrix import Matrix
from maintenance.compat.outcomes import EXECUTED
from maintenance.compat.progress import Estimate, Show
from maintenance.compat.records import Record, planned
from maintenance.compat.running import Runner

__all__ = ["Ended", "execute", "made_record"]

# Where no cell of the kind was run before.
_GUESS, _GUESS_FROM_SOURCE = 40.0, 120.0


@dataclass
class Ended:
    """What came of a run: the records of the cells that ended, and what is wrong."""

    records: dict[str, Record] = field(default_factory=dict)
    surprises: dict[str, str] = field(default_factory=dict)
    """By cell, outcomes that were not expected."""
    unclassified: list[str] = field(default_factory=list)

    def add(self, other: Ended) -> None:
        """Take in what came of another run."""
        self.records.update(other.records)
        self.surprises.update(other.surprises)
        self.unclassified += other.unclassified


def execute(
    matrix: Matrix,
    cells: list[Cell],
    *,
    runner: Runner,
    jobs: int,
    console: Console,
    record: Callable[[str, Record], None] | None,
) -> Ended:
    """Run *cells*, *jobs* at a time; *record* is called with each as it ends.

    On an interrupt everything that runs is ended, and the interrupt goes on.
    """
    ended = Ended()
    estimate = Estimate(_seconds(matrix, cells), jobs)
    with Show(estimate, len(cells), console) as show:

        def on_end(cell: Cell, run: Run, seconds: float, key: str) -> None:
            try:
                verdict = classify(run)
                _check_interpreter(matrix, cell, verdict)
            except UnclassifiedError as error:
                ended.unclassified.append(str(error))
                show.ended(cell.name, "unclassified", seconds, "an error")
                return
            expectation = matrix.expected.get(cell.name)
            wrong = surprise(expectation, verdict.outcome)
            if expectation and not wrong:
                verdict = replace(verdict, reason=expectation.reason)
            made = made_record(matrix, cell, verdict, seconds, key)
            ended.records[cell.name] = made
            if wrong:
                ended.surprises[cell.name] = wrong
            if record is not None:
                record(cell.name, made)
            show.ended(cell.name, verdict.outcome, seconds, wrong or verdict.reason)

        # The keys first: what changes while a cell runs is not what it ran with.
        keys = {cell.name: matrix.key(cell) for cell in cells}
        _side_by_side(cells, runner, jobs, keys, on_end)
    return ended


def _side_by_side(
    cells: list[Cell],
    runner: Runner,
    jobs: int,
    keys: Mapping[str, str],
    on_end: Callable[[Cell, Run, float, str], None],
) -> None:
    def one(cell: Cell) -> tuple[Run, float]:
        begun = time.monotonic()
        run = runner.run(cell.name, cell.kind or "wheel")
        return run, time.monotonic() - begun

    pool = ThreadPoolExecutor(max_workers=jobs)
    futures: dict[Future[tuple[Run, float]], Cell] = {
        pool.submit(one, cell): cell for cell in cells
    }
    waiting = set(futures)
    try:
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                run, seconds = future.result()
                on_end(futures[future], run, seconds, keys[futures[future].name])
    finally:
        # After an orderly end there is nothing to stop.
        runner.stop()
        pool.shutdown(wait=True, cancel_futures=True)


def _check_interpreter(matrix: Matrix, cell: Cell, verdict: Verdict) -> None:
    planned_version = matrix.python_version(cell.python)
    if verdict.python_version not in (None, planned_version):
        raise UnclassifiedError(
            f"{cell.name}: it ran on Python {verdict.python_version}, not on"
            f" {planned_version} ({matrix.pythons[cell.python]})"
        )


def made_record(
    matrix: Matrix, cell: Cell, verdict: Verdict, seconds: float, key: str
) -> Record:
    """The record of a cell that was executed today."""
    return {
        **planned(cell, verdict.outcome, verdict.reason),
        "python_version": verdict.python_version or matrix.python_version(cell.python),
        "greenlet": verdict.greenlet,
        "loop": verdict.loops,
        "version": matrix.keys.version,
        "source": matrix.keys.source,
        "key": key,
        "tests": verdict.tests,
        "seconds": round(seconds, 1),
        "date": datetime.date.today().isoformat(),
        "tail": verdict.tail,
    }


def _seconds(matrix: Matrix, cells: list[Cell]) -> dict[str, float]:
    """What each cell is likely to take: as before, or like others of its kind."""
    before = {
        name: float(record["seconds"])
        for name, record in matrix.results.cells.items()
        if record["outcome"] in EXECUTED
    }
    by_kind: dict[str | None, list[float]] = {}
    for name, seconds in before.items():
        if name in matrix.plan:
            by_kind.setdefault(matrix.plan[name].kind, []).append(seconds)
    typical = {kind: statistics.median(times) for kind, times in by_kind.items()}
    return {
        cell.name: before.get(
            cell.name,
            typical.get(
                cell.kind, _GUESS_FROM_SOURCE if cell.kind == "sdist" else _GUESS
            ),
        )
        for cell in cells
    }
