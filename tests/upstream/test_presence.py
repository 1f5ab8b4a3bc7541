"""Without upstream's release the differential tests say so, and in CI they fail."""

from __future__ import annotations

import os
import socket

import pytest

from . import presence, shim
from .children import ROOT, pytest_in

pytestmark = pytest.mark.timeout(110)
IMPORT = ROOT / "tests" / "differential" / "test_import.py"


@pytest.fixture
def offline(tmp_path):
    """Surroundings with an empty cache, and an index that nobody answers at."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        # Bound, and not listening: a connect to it is refused.
        yield {
            shim.CACHE_VARIABLE: str(tmp_path / "cache"),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_INDEX_URL": "http://127.0.0.1:{}/simple".format(port),
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
            "no_proxy": "127.0.0.1",
        }


def play(tmp_path, environment):
    """Run a file of the differential tests; return its end and upstream's outcomes."""
    options = ["--rootdir={}".format(ROOT), "--config-file", str(ROOT)]
    options[-1] += "/pyproject.toml"
    ended = pytest_in(tmp_path, *options, str(IMPORT), environment=environment)
    ours = {name: end for name, end in ended.outcomes.items() if "[ours" in name}
    assert len(ours) == 3, ended.said
    assert {end for end, _ in ours.values()} == {"passed"}
    upstream = [end for name, end in ended.outcomes.items() if "[upstream" in name]
    assert len(upstream) == 3
    return ended, upstream


def test_a_developer_sees_a_skip_that_says_what_is_missing(tmp_path, offline):
    ended, upstream = play(tmp_path, offline)
    assert ended.status == 0
    for end, said in upstream:
        assert end == "skipped"
        assert "geventconnpool 0.2.1 is missing: there is no " in said
        assert str(tmp_path / "cache" / "geventconnpool-0.2.1.tar.gz") in said
        assert "pip download got none" in said
    # And without asking for it: addopts shows the reasons of skips.
    assert "geventconnpool 0.2.1 is missing" in ended.said


def test_in_ci_that_is_a_failure(tmp_path, offline):
    ended, upstream = play(tmp_path, {**offline, "CI": "true"})
    assert ended.status == 1
    for end, said in upstream:
        assert end == "error"
        assert "geventconnpool 0.2.1 is missing" in said


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_file_that_is_not_the_release_is_an_error_everywhere(
    tmp_path, monkeypatch, ci
):
    monkeypatch.setattr(shim, "CACHE", tmp_path)
    monkeypatch.setenv("CI", ci)
    shim.cached().write_bytes(b"not it")
    with pytest.raises(ValueError, match=r"is not geventconnpool 0\.2\.1: its sha256"):
        presence.released()
