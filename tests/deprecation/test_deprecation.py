"""An old name still works, and says so at the line that uses it."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from geventconnpool_ext._deprecation import deprecated_names, renamed_parameter

USER = """\
import warnings
warnings.simplefilter("always", DeprecationWarning)
import old_and_new
"""
LIBRARY = '''\
from geventconnpool_ext._deprecation import deprecated_names, renamed_parameter


class Pool:
    @renamed_parameter("count", "size", since="1.2", removed_in="2.0")
    def __init__(self, size):
        self.size = size


@renamed_parameter("wait", "timeout", since="1.2", removed_in="2.0")
def get(timeout=None):
    """Get it."""
    return timeout


__getattr__ = deprecated_names(
    __name__,
    {"OldPool": ("old_and_new.Pool", Pool)},
    since="1.2",
    removed_in="2.0",
)
'''
PACKAGE = "old_and_new"


@pytest.fixture
def user(tmp_path):
    """Runs a user's program; returns what it prints, and its warnings.

    A warning is ``(line number, text)``. Those of other files than the program fail.
    """
    package = tmp_path / PACKAGE
    package.mkdir()
    (package / "__init__.py").write_text(LIBRARY)
    program = tmp_path / "program.py"

    def run(code, *options):
        program.write_text(USER + textwrap.dedent(code))
        done = subprocess.run(
            [sys.executable, *options, str(program)],
            cwd=str(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        said = []
        # The line of source that Python shows below each is indented.
        for line in done.stderr.splitlines():
            if not line.startswith("  "):
                place, _, text = line.partition(": DeprecationWarning: ")
                path, _, number = place.rpartition(":")
                assert path == str(program), line
                said.append((int(number) - USER.count("\n"), text))
        return done.stdout.split(), said

    return run


@pytest.mark.contract
def test_a_renamed_parameter_works_and_warns_at_the_line_of_the_call(user):
    printed, said = user(
        """\
        def ask():
            return old_and_new.get(wait=7)
        print(ask())
        """
    )
    assert printed == ["7"]
    text = "the argument 'wait' of get() is deprecated since 1.2 and goes in 2.0"
    assert said == [(2, text + ": use 'timeout'")]


@pytest.mark.contract
def test_a_renamed_parameter_of_a_class_warns_where_it_is_made_or_subclassed(user):
    printed, said = user(
        """\
        class Mine(old_and_new.Pool):
            def __init__(self):
                super().__init__(count=3)
        print(old_and_new.Pool(count=2).size, Mine().size)
        """
    )
    assert printed == ["2", "3"]
    assert [line for line, text in said] == [4, 3]
    assert said[0][1].startswith("the argument 'count' of Pool() is deprecated")


def test_the_new_parameter_says_nothing(user):
    printed, said = user(
        "print(old_and_new.get(timeout=1), old_and_new.get(2), old_and_new.get())"
    )
    assert printed == ["1", "2", "None"]
    assert said == []


def test_both_names_of_a_parameter_are_an_error_that_says_which_to_give():
    @renamed_parameter("wait", "timeout", since="1.2", removed_in="2.0")
    def get(timeout=None):
        return timeout

    with pytest.raises(TypeError, match=r"'timeout' and 'wait'.* give 'timeout'"):
        get(wait=1, timeout=2)


def test_a_function_with_a_renamed_parameter_keeps_its_name_and_docstring():
    @renamed_parameter("wait", "timeout", since="1.2", removed_in="2.0")
    def get(timeout=None):
        """Get it."""

    assert (get.__name__, get.__doc__) == ("get", "Get it.")


@pytest.mark.parametrize("line", ["old_and_new.OldPool", "Old"])
def test_an_old_name_in_a_module_works_and_warns_at_the_line_that_uses_it(user, line):
    # Imported, too: a package is asked twice then, from the same line.
    start = "from old_and_new import OldPool as Old\n" if line == "Old" else "\n"
    printed, said = user(start + "print({} is old_and_new.Pool)".format(line))
    assert printed == ["True"]
    text = "old_and_new.OldPool is deprecated since 1.2 and goes in 2.0"
    used = 1 if line == "Old" else 2
    assert set(said) == {(used, text + ": use old_and_new.Pool")}


def test_a_name_that_never_was_is_an_ordinary_error():
    ask = deprecated_names("some.module", {}, since="1.2", removed_in="2.0")
    with pytest.raises(AttributeError, match=r"'some\.module' has no attribute 'no'"):
        ask("no")


def test_with_warnings_as_errors_the_old_name_stops_its_user(user):
    printed, _ = user(
        """\
        warnings.simplefilter("error", DeprecationWarning)
        try:
            old_and_new.get(wait=1)
        except DeprecationWarning as warning:
            print("stopped")
        """
    )
    assert printed == ["stopped"]
