"""Risk: what people see is older than the results, and nobody notices."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from maintenance.compat_pages.__main__ import main
from maintenance.compat_pages.matrix import read

from .made import ROOT, cells, changed, checkout, record

WRITTEN = [
    "docs/compatibility.md",
    "docs/compatibility.svg",
    "README.md",
    "geventconnpool_ext/compatibility.json",
]


def test_everything_is_written_and_the_readme_kept_around_its_part(tmp_path, capsys):
    root = checkout(tmp_path, cells())
    assert main(["--root", str(root)]) == 0
    assert capsys.readouterr().out.split(" written\n")[:-1] == WRITTEN
    readme = (root / "README.md").read_text("utf-8")
    assert readme.startswith("# Title\n\n<!-- compatibility: begin -->\n[![")
    assert "**3 of 3** gevent releases" in readme
    assert readme.endswith("<!-- compatibility: end -->\n\nThe rest.\n")
    assert main(["--root", str(root), "--check"]) == 0


@pytest.mark.parametrize("name", WRITTEN)
def test_a_stale_file_fails_the_check_by_name_and_is_left_alone(tmp_path, capsys, name):
    root = checkout(tmp_path, cells())
    main(["--root", str(root)])
    path = root / name
    stale = path.read_text("utf-8").replace("26.9.0", "26.8.0").replace("3 of", "2 of")
    path.write_text(stale, encoding="utf-8")
    capsys.readouterr()
    assert main(["--root", str(root), "--check"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line == name + " is stale: run python -m maintenance.compat_pages"
    assert path.read_text("utf-8") == stale


def test_one_changed_record_makes_every_file_stale(tmp_path, capsys):
    root = checkout(tmp_path, cells())
    main(["--root", str(root)])
    failing = record("26.9.0", "3.11", "fail", "why")
    results = root / "compat" / "results.json"
    content = json.loads(results.read_text("utf-8"))
    content["cells"] = changed(**{"py311-gevent26_9_0": failing})
    results.write_text(json.dumps(content), encoding="utf-8")
    capsys.readouterr()
    assert main(["--root", str(root), "--check"]) == 1
    said = capsys.readouterr().out
    assert all(name + " is stale" in said for name in WRITTEN)


def test_a_readme_without_the_marks_is_an_error_that_names_them(tmp_path, capsys):
    root = checkout(tmp_path, cells())
    (root / "README.md").write_text("# Title\n", encoding="utf-8")
    assert main(["--root", str(root)]) == 2
    said = capsys.readouterr().err
    assert "README.md" in said
    assert "<!-- compatibility: begin -->" in said
    assert not (root / "docs" / "compatibility.md").exists(), "nothing by halves"


def test_the_package_reads_the_extract_that_was_written(tmp_path):
    failing = record("20.6.2", "3.8", "crash", "it dies")
    yanked = record("1.3.4", "3.6", "yanked", "1.3.4 was yanked")
    root = checkout(
        tmp_path,
        changed(**{"py38-gevent20_6_2": failing, "py36-gevent1_3_4": yanked}),
    )
    main(["--root", str(root)])
    program = """
import sys
sys.path[0] = {!r}
from geventconnpool_ext.compatibility import load
matrix = load()
print(matrix.version, matrix.platform, matrix.date, len(matrix.cells))
print(*matrix.cell("26.9.0", "3.11"))
print(*matrix.cell("20.6.2", "3.8"))
print(*matrix.cell("1.3.4", "3.6"))
print(matrix.cell("26.9.0", "3.6"), matrix.cell("1.0", "3.6"))
print(*matrix.passing_releases("3.6"), *matrix.passing_pythons("26.9.0"))
""".format(str(root))
    finished = subprocess.run(
        [sys.executable, "-c", program],
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert finished.stdout.splitlines() == [
        "1.0.0 linux-x86_64 2026-11-25 8",
        "26.9.0 3.11 pass  3.5.6 ['libev-cext', 'libuv-cffi']",
        "20.6.2 3.8 crash it dies 3.5.6 ['libev-cext', 'libuv-cffi']",
        "1.3.4 3.6 yanked 1.3.4 was yanked None []",
        "None None",
        "1.1a1 1.5a4 20.6.2 3.10 3.11",
    ], finished.stderr


def test_what_is_committed_is_what_the_committed_results_say(capsys):
    results = ROOT / "compat" / "results.json"
    if not results.exists() or not any(c.executed for c in read(results).cells):
        pytest.skip("the matrix was not run yet: compat/results.json has no result")
    assert main(["--check"]) == 0, capsys.readouterr().out
