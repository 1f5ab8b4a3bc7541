"""The watch that is kept over the whole suite finds what it is there to find."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from geventconnpool_ext import PoolError
from geventconnpool_ext.epp import CreateDomain

from .watch import SECRETS, TESTS, Watch, Watching, used_in

# Put together, so that it is none of the secrets read from this source.
HIDDEN = "Hid" + "den4Watch"


@pytest.fixture
def own():
    """A watch of its own, so that its finds do not fail this test."""
    return Watch({HIDDEN})


def logged(level, message, *arguments):
    logging.getLogger("geventconnpool_ext").log(level, message, *arguments)


def raised():
    with pytest.raises(ValueError, match="no"):
        raise ValueError("no " + HIDDEN)


def fail_with_cause():
    try:
        raise OSError(HIDDEN)
    except OSError as error:
        raise ValueError("no") from error


def fail_with_attribute():
    error = ValueError("no")
    error.password = HIDDEN
    raise error


def chained():
    with pytest.raises(ValueError, match="no"):
        fail_with_cause()


def kept():
    with pytest.raises(ValueError, match="no"):
        fail_with_attribute()


def log_exception():
    try:
        raise OSError(HIDDEN)
    except OSError:
        logging.getLogger("other").exception("failed")


LEAKS = [
    lambda: logged(1, "level 1: %s", HIDDEN),
    lambda: logged(logging.DEBUG, HIDDEN),
    lambda: logged(
        logging.DEBUG, "%s", CreateDomain("a.example", auth_info=HIDDEN).xml()
    ),
    log_exception,
    raised,
    chained,
    kept,
    lambda: PoolError("wrong: " + HIDDEN),
]


@pytest.mark.parametrize("number", range(len(LEAKS)))
def test_each_kind_of_leak_is_found(own, watched, number):
    with Watching(own):
        LEAKS[number]()
    assert own.leaks != []
    # The suite's watch has seen none of its own secrets, unless by its form.
    watched.leaks.clear()


def test_nothing_is_found_where_nothing_leaks(own):
    with Watching(own):
        logged(logging.DEBUG, "sent %s", CreateDomain("a.example", auth_info=HIDDEN))
        with pytest.raises(ValueError, match="no"):
            raise ValueError("no")
    assert own.leaks == []
    assert own.looked_at > 3


@pytest.mark.parametrize("form", ["<pw>x</pw>", "Login('client', password='x')"])
def test_a_secret_that_is_a_word_is_found_by_its_form(own, form):
    own.look("here", form)
    assert own.leaks != []


def test_everything_is_as_before_when_the_watch_ends():
    """In a fresh interpreter, because this suite's watch is never off."""
    program = (
        "import logging, sys; sys.path.insert(0, sys.argv[1])\n"
        "from geventconnpool_ext import PoolError\n"
        "from tests.secrets.watch import Watch, Watching\n"
        "with Watching(Watch({'x'})): assert '__init__' in vars(PoolError)\n"
        "assert '__init__' not in vars(PoolError)\n"
        "assert logging.getLogger().handlers == []\n"
        "assert logging.getLogger().level == logging.WARNING\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program, str(TESTS.parent)],
        stderr=subprocess.PIPE,
        timeout=15,
    )
    assert finished.returncode == 0, finished.stderr.decode()


def test_the_secrets_of_the_tests_are_known():
    assert {"Hunter2Password", "hunter22", "newSecret1", "SwitchPoint7"} <= SECRETS
    assert len(SECRETS) > 12


def test_a_new_test_brings_its_secrets(tmp_path):
    name = "auth" + "_info"
    (tmp_path / "test_new.py").write_text('{}="{}"'.format(name, HIDDEN))
    assert used_in(tmp_path) == {HIDDEN}
    assert used_in(TESTS) == SECRETS
