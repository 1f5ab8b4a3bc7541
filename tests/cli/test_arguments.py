"""Risk: a wrong argument is taken, or refused without a word about what is right."""

from __future__ import annotations

import pytest

from geventconnpool_ext import __version__
from geventconnpool_ext.cli import main

from .processes import run

WHOLE = "must be a whole number of at least 1"
WRONG = [
    ("demo", "--commands", "0", WHOLE),
    ("demo", "--commands", "many", WHOLE),
    ("demo", "--clients", "-1", WHOLE),
    ("demo", "--sessions", "0", WHOLE),
    ("demo", "--sessions", "1.5", WHOLE),
    ("demo", "--latency", "-1", "must be a number of milliseconds, 0 or more"),
    ("demo", "--latency", "nan", "must be a number of milliseconds, 0 or more"),
    ("demo", "--latency", "inf", "must be a number of milliseconds, 0 or more"),
    ("demo", "--plot", "run.pdf", "must be a file whose name ends in .svg or .png"),
    ("demo", "--plot", "svg", "must be a file whose name ends in .svg or .png"),
    ("serve", "--port", "70000", "must be a port, from 0 to 65535"),
    ("serve", "--port", "http", "must be a port, from 0 to 65535"),
    ("serve", "--max-sessions", "0", WHOLE),
    ("serve", "--idle-timeout", "0", "must be a number of seconds above 0"),
    ("serve", "--max-age", "-5", "must be a number of seconds above 0"),
    ("ping", "--port", "0", "must be a port, from 1 to 65535"),
    ("ping", "--timeout", "0", "must be a number of seconds above 0"),
    ("ping", "--hellos", "-1", "must be a whole number of at least 0"),
    ("ping", "--warn-days", "soon", "must be a whole number of at least 0"),
]


@pytest.mark.parametrize(("command", "option", "value", "right"), WRONG)
def test_a_wrong_value_is_refused_by_option_value_and_what_is_right(
    command, option, value, right, capsys
):
    with pytest.raises(SystemExit) as ended:
        main([command, "{}={}".format(option, value)])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert option in said
    assert repr(value) in said
    assert right in said


def test_no_command_at_all_is_an_error_that_says_so(capsys):
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_the_version_is_the_package_s():
    finished = run("--version")
    assert finished.status == 0
    assert finished.out.split() == ["geventconnpool-ext", __version__]


@pytest.mark.parametrize("command", ["demo", "serve", "ping"])
def test_each_command_explains_itself_within_80_columns(command):
    finished = run(command, "--help", COLUMNS="80", NO_COLOR="1")
    assert finished.status == 0
    assert "usage: geventconnpool-ext " + command in finished.out
    assert max(map(len, finished.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("command", "missing", "extra"),
    [
        (["demo"], "rich", "cli"),
        (["demo"], "trustme", "testing"),
        (["demo", "--plot", "run.svg"], "matplotlib", "plot"),
        (["serve"], "trustme", "testing"),
        (["ping", "localhost"], "lxml", "epp"),
    ],
)
def test_a_missing_extra_is_one_line_with_what_to_install(command, missing, extra):
    without = (
        "import sys; sys.modules[{!r}] = None; "
        "from geventconnpool_ext.cli import main; sys.exit(main())"
    ).format(missing)
    finished = run(*command, python=("-c", without))
    assert finished.status == 1
    assert finished.out == ""
    (line,) = finished.err.splitlines()
    assert missing in line
    assert "pip install 'geventconnpool_ext[{}]'".format(extra) in line
