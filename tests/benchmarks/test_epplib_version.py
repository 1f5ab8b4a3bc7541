"""Which epplib was measured: told by where it was installed from."""

from __future__ import annotations

import json
import subprocess

import pytest

pytest.importorskip("lxml")
pytest.importorskip("trustme")

from benchmarks.epp.epplib_version import epplib_version

from ..programs import need


@pytest.fixture
def installed_from(tmp_path, monkeypatch):
    """``installed_from(...)`` makes an epplib 0.9 look installed from there."""

    def install(source):
        directory = tmp_path / "site" / "fred_epplib-0.9.dist-info"
        directory.mkdir(parents=True)
        metadata = "Metadata-Version: 2.1\nName: fred-epplib\nVersion: 0.9\n"
        (directory / "METADATA").write_text(metadata, encoding="utf-8")
        if source is not None:
            text = json.dumps(source)
            (directory / "direct_url.json").write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path / "site"))

    return install


@pytest.fixture
def checkout(tmp_path):
    """A repository with one commit, and that commit."""
    need("git")
    directory = tmp_path / "a checkout"
    directory.mkdir()

    def git(*command):
        name = ["-c", "user.name=n", "-c", "user.email=n@example.invalid"]
        told = subprocess.run(
            ["git", *name, *command], cwd=directory, stdout=subprocess.PIPE, check=True
        )
        return told.stdout.decode().strip()

    git("init", "--quiet")
    (directory / "file").write_text("1", encoding="utf-8")
    git("add", "file")
    git("commit", "--quiet", "--no-gpg-sign", "--message", "First")
    git("tag", "v1")
    return directory, git("rev-parse", "HEAD")


def test_one_from_an_index_is_told_by_its_version(installed_from):
    installed_from(None)
    assert epplib_version() == "0.9"


def test_one_from_a_repository_is_told_by_its_commit(installed_from):
    commit = "0123456789abcdef0123456789abcdef01234567"
    url = "https://example.invalid/epplib"
    installed_from({"url": url, "vcs_info": {"vcs": "git", "commit_id": commit}})
    assert epplib_version() == "0.9 at 0123456789ab"


def test_one_from_a_checkout_is_told_by_its_commit(installed_from, checkout):
    directory, commit = checkout
    installed_from({"url": directory.as_uri(), "dir_info": {}})
    assert epplib_version() == f"0.9 at {commit[:12]}"
    (directory / "file").write_text("2", encoding="utf-8")
    assert epplib_version() == f"0.9 at {commit[:12]}-dirty"


def test_one_from_a_directory_in_another_repository_has_no_commit(
    installed_from, checkout
):
    inside = checkout[0] / "unpacked"
    inside.mkdir()
    installed_from({"url": inside.as_uri(), "dir_info": {}})
    assert epplib_version() == "0.9"
