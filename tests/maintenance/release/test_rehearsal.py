"""A whole release of this very checkout, up to an index of its own."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("build", reason="nox -s release has it")
pytest.importorskip("cyclonedx")

from maintenance.release.__main__ import main

from . import rehearsed


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_dry_run_passes_leaves_the_checkout_alone_and_is_what_the_page_shows(
    tmp_path, capsys
):
    checkout = rehearsed.clone(tmp_path / "checkout")
    version = rehearsed.next_version(checkout)
    before = rehearsed.git(checkout, "show-ref", "--head")
    assert main(["--dry-run", version, "--project", str(checkout)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert rehearsed.git(checkout, "show-ref", "--head") == before
    assert rehearsed.git(checkout, "status", "--porcelain") == ""
    shown = rehearsed.on_the_page("nox -s release -- --dry-run 1.0.0")
    assert rehearsed.titles(said) == rehearsed.titles(shown)
    assert len(said) == len(shown), "as long as the page shows it"
    assert max(map(len, said)) <= 80
    files = checkout / ".cache" / "release" / version
    assert sorted(path.suffix for path in (files / "dist").iterdir()) == [".gz", ".whl"]
    bill = json.loads((files / f"geventconnpool_ext-{version}.cdx.json").read_text())
    assert bill["metadata"]["component"]["version"] == version
    sums = (files / "SHA256SUMS").read_text().split()
    assert bill["metadata"]["component"]["hashes"][0]["content"] in sums
