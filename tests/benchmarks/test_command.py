"""``python -m benchmarks``: what it prints, keeps and writes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import files
from benchmarks.__main__ import main
from benchmarks.results import Case, Results, Sample

ROOT = Path(__file__).resolve().parents[2]
ABOUT = {"versions": {"Python": "3.11.7"}, "effort": "2 processes.", "date": "today"}


@pytest.fixture
def docs(tmp_path):
    """A copy of the page, to be written."""
    directory = tmp_path / "docs"
    directory.mkdir()
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    (directory / "performance.md").write_text(page, encoding="utf-8")
    return directory


@pytest.fixture
def kept(tmp_path):
    """A file of results, of one scenario."""
    results = Results()
    for process in range(2):
        for peer, value in (("bare", 4e-7), ("ours", 8e-7), ("geventconnpool", 2e-6)):
            results.add(Case(peer), process, Sample(value, {}))
    results.missing["sqlalchemy"] = "SQLAlchemy is not installed"
    path = tmp_path / "kept.json"
    files.dump({"about": {"idle": ABOUT}, "scenarios": {"idle": results}}, path)
    return path


def options(kept, docs):
    return ["--results", str(kept), "--docs", str(docs), "--output", str(docs.parent)]


def test_what_was_measured_is_printed_and_stands_on_the_page(kept, docs, capsys):
    assert main(options(kept, docs)) == 0
    page = (docs / "performance.md").read_text("utf-8")
    section = page.split("idle: begin -->")[1].split("<!-- benchmark idle: end")[0]
    rows = [" ".join(line.split()) for line in section.splitlines()]
    assert "| geventconnpool_ext | 800 ns | 2.00 | 0.40 |" in rows
    assert "Not measured: SQLAlchemy QueuePool, SQLAlchemy is not installed." in rows
    assert "    nox -s bench -- idle" in section.splitlines()
    assert section.strip() in capsys.readouterr().out
    # The picture is there if the page shows it.
    drawn = (docs / "performance-idle.svg").exists()
    assert drawn == (importlib.util.find_spec("matplotlib") is not None)
    assert ("](performance-idle.svg)" in section) == drawn


def test_the_other_sections_stay_as_they_are(kept, docs):
    before = (docs / "performance.md").read_text("utf-8")
    assert main(options(kept, docs)) == 0
    after = (docs / "performance.md").read_text("utf-8")
    mark = "<!-- benchmark idle: "
    assert after.split(mark)[0] == before.split(mark)[0]
    assert after.split(mark)[2] == before.split(mark)[2]


def test_no_page_leaves_the_page_alone(kept, docs):
    before = (docs / "performance.md").read_text("utf-8")
    assert main(["--no-page", *options(kept, docs)]) == 0
    assert (docs / "performance.md").read_text("utf-8") == before
    assert not list(docs.glob("*.svg"))


def test_a_peer_that_failed_is_an_error(kept, docs, capsys):
    run = files.read(kept)
    run["scenarios"]["idle"].drop("bare", "failed: ended")
    files.dump(run, kept)
    assert main(options(kept, docs)) == 1
    assert "idle: bare failed: ended" in capsys.readouterr().err


def test_an_unknown_scenario_is_an_error_that_names_those_there_are(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--quick", "idel"])
    assert ended.value.code == 2
    assert "no scenario idel; there are idle, contended" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_a_quick_run_measures_and_leaves_the_page_alone(docs, installed):
    installed("geventconnpool")
    before = (docs / "performance.md").read_text("utf-8")
    command = [sys.executable, "-m", "benchmarks", "idle", "--quick"]
    command += ["--docs", str(docs), "--output", str(docs.parent / "out")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=50, text=True)
    assert run.returncode == 0, run.stderr
    assert "ours / geventconnpool 0.2.1" in run.stdout
    results = files.read(docs.parent / "out" / "results.json")["scenarios"]["idle"]
    assert len(results.values(Case("ours"))) == 1
    assert (docs / "performance.md").read_text("utf-8") == before
