"""A bad release of this very checkout: published, yanked and replaced."""

from __future__ import annotations

import pytest

pytest.importorskip("twine", reason="nox -s release has it")

from maintenance.release.__main__ import main

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
    assert results(said)[1:] == results(shown)[1:]


def results(lines):
    """What came of each step."""
    return [line.partition(" s  ")[2] for line in lines if line.strip()[0].isdigit()]
