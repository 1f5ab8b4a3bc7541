"""A bad release of this very checkout: published, yanked and replaced."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("twine", reason="nox -s release has it")

from maintenance.release.__main__ import main
from maintenance.release.history import numbers_after

from . import rehearsed


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_pip_does_with_a_yanked_release_what_the_page_shows(tmp_path, capsys):
    checkout = rehearsed.clone(tmp_path / "checkout")
    assert main(["--yank-rehearsal", "--project", str(checkout)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert rehearsed.git(checkout, "status", "--porcelain") == ""
    shown = rehearsed.on_the_page("nox -s release -- --yank-rehearsal")
    # All but the times, and the hash of the checkout.
    here = results(said, numbers_after(rehearsed.stated_version(checkout)))
    assert here[1:] == results(shown, numbers_after("1.0.0.dev0"))[1:]
    assert max(map(len, said)) <= 80


def results(lines, numbers):
    """What came of each step, with a name in the place of each version."""
    names = dict(zip(numbers, numbers._fields))
    any_of_them = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return [
        re.sub(any_of_them, lambda found: names[found[0]], line.partition(" s  ")[2])
        for line in lines
        if line.strip()[0].isdigit()
    ]
