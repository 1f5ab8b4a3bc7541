"""docs/fork-process.md, followed word for word.

Every ``sh`` block is run in order by one shell after the other, each where the last
one ended, and must end with status 0, or with what the comment before it says. Two
things are put in place: ``../practice`` lies in a temporary directory, and ``nox`` is a
function that runs what the session of that name runs, without an environment of its
own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "fork-process.md"
BLOCK = re.compile(r"(?:<!-- ends with (\d+) -->\n)?^```sh\n(.*?)^```$", re.M | re.S)
MODULES = {
    "upstream": "maintenance.upstream",
    "patches": "maintenance.ledger",
    "changelog": "maintenance.changelog",
    "differential": "pytest",
}
NOX = """
nox() {{
    session=$2; shift 2
    if [ "${{1-}}" = -- ]; then shift; fi
    case $session in
{cases}
    *) echo "no session $session" >&2; return 99 ;;
    esac
}}
"""


def blocks():
    return [(int(s or 0), text) for s, text in BLOCK.findall(PAGE.read_text("utf-8"))]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_newcomer_can_take_over_a_change_by_the_page_word_for_word(tmp_path):
    from tests.upstream import presence

    presence.released()
    if not (ROOT / ".git").exists():
        pytest.skip("the practice ground is a copy of a git checkout; this is none")
    where, said = ROOT, ""
    for status, text in blocks():
        text = text.replace("../practice", str(tmp_path / "practice"))
        done = shell(text, where, tmp_path)
        said = done.stdout
        assert done.returncode == status, "{}\n{}".format(text, said)
        where = Path((tmp_path / "where").read_text("utf-8").strip())
    assert where == (tmp_path / "practice" / "fork").resolve()
    assert_the_end_is_as_the_page_says(where, said)


def assert_the_end_is_as_the_page_says(fork, said):
    assert "0 entries red, 0 other things red" in said
    ledger = fork / "patches" / "series"
    assert ledger.read_text("utf-8").splitlines()[-2:] == [
        "0901-available.dep3",
        "0902-a-word.dep3",
    ]
    released = (fork / "CHANGELOG.md").read_text("utf-8").split("## [1.1.0]")[1]
    assert "how many connections are free (ledger 0901)" in " ".join(released.split())
    assert "(ledger 0901)" not in "".join(
        path.read_text("utf-8") for path in (fork / "changes").glob("+*")
    )
    page = (fork / "docs" / "differences.md").read_text("utf-8")
    assert "`pool.available()` does" in page


def shell(text, where, tmp_path):
    cases = "\n".join(
        '    {}) "{}" -m {} "$@" ;;'.format(session, sys.executable, module)
        for session, module in MODULES.items()
    )
    # What python would be: the one that runs this.
    text = NOX.format(cases=cases) + re.sub(
        r"^python ", '"{}" '.format(sys.executable), text, flags=re.M
    )
    text = "trap 'pwd > \"{}\"' EXIT\n{}".format(tmp_path / "where", text)
    # The copy's modules are imported, not those that are measured here.
    dropped = ("COV", "PYTEST", "PYTHONPATH", "GIT_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(dropped)}
    env.update(PYTHONDONTWRITEBYTECODE="1", COLUMNS="80", NO_COLOR="1")
    return subprocess.run(
        [shutil.which("sh") or "sh", "-eu", "-c", text],
        cwd=where,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=110,
    )


def test_each_session_of_the_page_runs_the_module_that_the_test_puts_in_its_place():
    noxfile = (ROOT / "noxfile.py").read_text("utf-8")
    named = set(re.findall(r"^nox -s (\w+)", PAGE.read_text("utf-8"), re.M))
    assert named <= set(MODULES)
    for session, module in MODULES.items():
        body = noxfile.split("def {}(".format(session))[1].split("@nox.session")[0]
        assert module in body, (session, module)


def test_nothing_finished_has_a_blank_to_fill_in():
    from maintenance.ledger import entries
    from maintenance.upstream.intake import FILL_IN

    done = [e for e in entries.load(ROOT / "patches") if e.status != "pending"]
    numbers = {entry.number for entry in done}
    files = [entry.path for entry in done]
    files += [
        path
        for path in (ROOT / "changes").glob("+*")
        if path.name.startswith(tuple("+" + number for number in numbers))
    ]
    files += [ROOT / test.split("::")[0] for entry in done for test in entry.tests]
    for path in sorted(set(files)):
        assert FILL_IN not in path.read_text("utf-8"), path


def test_the_page_explains_every_status_and_every_class():
    from maintenance.ledger.entries import CLASSES, STATUSES

    words = PAGE.read_text("utf-8").split("\n## Words")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([a-z-]+)`", words, re.M) == [
        *sorted(STATUSES, key=lambda status: status != "pending"),
        *CLASSES,
    ]


def test_the_statuses_in_the_page_are_those_of_the_command():
    from maintenance.upstream import __main__ as command

    page = PAGE.read_text("utf-8")
    table = dict(re.findall(r"^\| (\d) \| (.*) \|$", page, re.M))
    assert set(table) == {
        str(status)
        for status in (command.NOTHING_NEW, command.NEWS, command.INCOMPLETE)
    }
