"""``python -m maintenance.compat``: run what is stale of the matrix, and record it.

Exit status: 0 all as expected, 1 an outcome that was not expected, 2 an error (wrong
arguments, a file that is not right, a cell that could not be classified), 130 an
interrupt; what had ended by then is recorded.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import traceback
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, Sequence

from rich.console import Console

from maintenance.compat import master, releases, watch
from maintenance.compat.cells import Cell, unknown_pythons
from maintenance.compat.errors import CompatError
from maintenance.compat.execution import Ended, execute
from maintenance.compat.expected import surprise
from maintenance.compat.matrix import Matrix
from maintenance.compat.outcomes import EXECUTED, MEANING
from maintenance.compat.records import Record, Results
from maintenance.compat.running import Runner
from maintenance.compat.sample import sample
from maintenance.compat.selection import Selection, select

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit status."""
    options = _parser().parse_args(arguments)
    # A runner that is cancelled gets SIGTERM: it ends as orderly as by Ctrl-C. In the
    # background a shell has SIGINT ignored: there too, who sends it means it.
    before = {
        number: signal.signal(number, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    console = Console(highlight=False, soft_wrap=True)
    try:
        return _run(options, console)
    except CompatError as error:
        print(f"compat: {error}", file=sys.stderr)
        return 2
    except Exception:
        # A defect of ours is an error, not an outcome: Python's own status would be 1.
        traceback.print_exc()
        return 2
    except KeyboardInterrupt:
        print("compat: interrupted; what had ended is recorded", file=sys.stderr)
        return 130
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nox -s compat --",
        description="Run the cells of the compatibility matrix whose result is stale.",
    )
    add = parser.add_argument
    add("--release", action="append", default=[], metavar="X", help="only gevent X")
    add("--python", action="append", default=[], metavar="Y", help="only Python Y")
    add("--cell", action="append", default=[], metavar="NAME", help="only this cell")
    add("--new", action="store_true", help="only cells that were never executed")
    add("--force", action="store_true", help="run also what is not stale")
    add("--list", action="store_true", help="tell what would run, and why")
    add("--sample", action="store_true", help="a spread of cells; records nothing")
    add("--refresh", action="store_true", help="ask the package index for releases")
    add("--index", metavar="URL", help="which index --refresh asks; default PyPI")
    add("--master", metavar="REPO_OR_DIR", help="gevent's development branch instead")
    add("--watch-report", type=Path, metavar="FILE", help="write a report, if any ran")
    add("--jobs", type=_positive, default=os.cpu_count() or 1, help="cells at a time")
    add("--timeout", type=float, metavar="SECONDS", help="for a cell; default by kind")
    add("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not 1 or more")
    return number


def _run(options: argparse.Namespace, console: Console) -> int:
    selection = Selection(
        options.release, options.python, options.cell, options.new, options.force
    )
    _check_combination(options, selection)
    news: list[str] = []
    if options.refresh:
        news = _refresh(options.root, options.index)
        if selection.everything and not (options.list or options.force):
            return 0
    matrix = Matrix(options.root)
    for python in unknown_pythons(matrix.releases):
        print(f"note: there are wheels for Python {python}, which has no column here")
    if options.list:
        return _list(matrix, selection)
    matrix.require_platform()
    if options.sample:
        cells = sample(matrix.plan, matrix.releases, matrix.pythons)
        if not cells:
            raise CompatError("no interpreter of the matrix was found: nothing to try")
        ended = _execute(matrix, cells, options, console, record=False)
    elif options.master:
        ended = _run_master(matrix, options, console)
    else:
        with _alone(options.root):
            # Read again: another run may have recorded something meanwhile.
            matrix = Matrix(options.root, matrix.pythons)
            matrix.follow()
            chosen = select(matrix, selection)
            cells = [matrix.plan[name] for name in chosen]
            ended = _execute(matrix, cells, options, console, record=True)
            if selection.everything:
                _judge_records(matrix, ended)
    if options.watch_report and (ended.records or ended.unclassified or news):
        counts = _counts(ended.records)
        options.watch_report.write_text(watch.report(ended, news, counts), "utf-8")
    return _verdict(ended)


def _check_combination(options: argparse.Namespace, selection: Selection) -> None:
    alone = [name for name in ("sample", "master") if getattr(options, name)]
    if len(alone) == 2 or (
        alone
        and (selection.releases or selection.cells or selection.new or options.list)
    ):
        raise CompatError(f"--{alone[0]} can't be combined with another selection")


def _refresh(root: Path, index: str | None) -> list[str]:
    # Only here, since its client takes a second to import.
    from maintenance.compat.index import fetch

    path = root / "compat" / "releases.json"
    before = releases.load(path) if path.exists() else []
    after = fetch(index)
    news = releases.news(before, after)
    releases.save(path, after)
    for line in news:
        print(f"gevent {line}")
    print(f"{len(after)} releases, {len(news)} of them new or changed")
    return news


def _list(matrix: Matrix, selection: Selection) -> int:
    chosen = select(matrix, selection)
    for name, why in chosen.items():
        print(f"{name}  {why}")
    away = [name for name in matrix.missing() if matrix.plan[name].executable]
    print(f"{len(chosen)} cells would run")
    if away:
        print(f"{len(away)} cells have no interpreter on this machine")
    return 0


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Only one run at a time writes the results of a tree."""
    path = root / ".cache" / "compat" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CompatError("another run of the matrix is going on here") from None
        yield


def _execute(
    matrix: Matrix,
    cells: list[Cell],
    options: argparse.Namespace,
    console: Console,
    *,
    record: bool,
) -> Ended:
    if not cells:
        print("nothing to run: every chosen cell has its result, or no interpreter")
        return Ended()

    def keep(name: str, made: Record) -> None:
        # A yanked release is run on request, for whoever asks, and stays yanked.
        if matrix.plan[name].executable:
            matrix.results.cells[name] = made
            matrix.results.save(matrix.plan)

    return execute(
        matrix,
        cells,
        runner=Runner(matrix.root, matrix.pythons, limit=options.timeout),
        jobs=options.jobs,
        console=console,
        record=keep if record else None,
    )


def _run_master(matrix: Matrix, options: argparse.Namespace, console: Console) -> Ended:
    tree = master.checkout(matrix.root, options.master)
    pythons = master.pythons_for(matrix, options.python)
    if not pythons:
        raise CompatError("none of the Pythons to try gevent's master on was found")
    whole = Ended()
    for python in pythons:
        ended = master.run(matrix, tree, python, limit=options.timeout, console=console)
        whole.add(ended)
        with _alone(matrix.root):
            results = Results(matrix.root / "compat" / "results.json")
            results.master.update(ended.records)
            results.save(matrix.plan)
    return whole


def _judge_records(matrix: Matrix, ended: Ended) -> None:
    """After a run of all, what was recorded earlier is judged too."""
    for name, record in matrix.results.cells.items():
        if record["outcome"] in EXECUTED:
            wrong = surprise(matrix.expected.get(name), record["outcome"])
            if wrong:
                ended.surprises.setdefault(name, wrong)


def _counts(records: dict[str, Record]) -> dict[str, int]:
    found = Counter(record["outcome"] for record in records.values())
    return {outcome: found[outcome] for outcome in MEANING if found[outcome]}


def _verdict(ended: Ended) -> int:
    for outcome, number in _counts(ended.records).items():
        print(f"{number:5} {outcome}: {MEANING[outcome]}")
    for name, wrong in ended.surprises.items():
        record = ended.records.get(name)
        print(f"\n{name}: {wrong}" + (f" ({record['reason']})" if record else ""))
        for line in record["tail"] if record else ():
            print(f"    {line}")
    for error in ended.unclassified:
        print(f"compat: {error}", file=sys.stderr)
    if ended.unclassified:
        return 2
    return 1 if ended.surprises else 0


if __name__ == "__main__":
    sys.exit(main())
