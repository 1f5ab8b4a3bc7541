"""The index of the rehearsal takes a file once, serves it, and marks the yanked."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile

import pytest

pytest.importorskip("twine", reason="nox -s release has it")

from maintenance.release.checksums import digest
from maintenance.release.environments import Environment
from maintenance.release.errors import CommandFailed
from maintenance.release.index import Index
from maintenance.release.upload import upload


def wheel(directory, version, text="", requires=None):
    """A wheel with nothing but its version and, perhaps, a requirement."""
    directory.mkdir(exist_ok=True)
    path = directory / f"geventconnpool_ext-{version}-py3-none-any.whl"
    info = f"geventconnpool_ext-{version}.dist-info/"
    files = {
        "geventconnpool_ext/__init__.py": text,
        info + "METADATA": f"Metadata-Version: 2.1\nName: geventconnpool_ext\n"
        f"Version: {version}\n" + (f"Requires-Dist: {requires}\n" if requires else ""),
        info + "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    files[info + "RECORD"] = "".join(f"{name},,\n" for name in files)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def sdist(directory, version):
    """An sdist with nothing but its version."""
    name = f"geventconnpool_ext-{version}"
    content = f"Metadata-Version: 2.1\nName: geventconnpool_ext\nVersion: {version}\n"
    with tarfile.open(directory / f"{name}.tar.gz", "w:gz") as file:
        top = tarfile.TarInfo(name)
        top.type = tarfile.DIRTYPE
        file.addfile(top)
        entry = tarfile.TarInfo(f"{name}/PKG-INFO")
        entry.size = len(content)
        file.addfile(entry, io.BytesIO(content.encode()))
    return directory / f"{name}.tar.gz"


@pytest.fixture
def index(tmp_path, log):
    """An empty index."""
    with Index(tmp_path / "index", log) as running:
        yield running


@pytest.fixture
def environment(tmp_path, log):
    """A fresh environment."""
    return Environment(tmp_path / "environment", log)


def test_what_is_uploaded_is_installed_and_is_the_same_file(
    index, environment, log, tmp_path
):
    path = wheel(tmp_path / "built", "1.0.0")
    upload(index.upload_url, [path], log)
    taken = environment.install(index.url, "geventconnpool_ext")
    assert taken.url == f"{index.upload_url}packages/{path.name}"
    assert taken.sha256 == digest(path)
    assert environment.version() == "1.0.0"


def test_no_index_and_no_directory_of_the_users_is_looked_into(
    index, environment, log, tmp_path, monkeypatch
):
    newer = wheel(tmp_path / "elsewhere", "9.0.0")
    monkeypatch.setenv("PIP_FIND_LINKS", str(newer.parent))
    configuration = tmp_path / "pip.conf"
    configuration.write_text(f"[global]\nfind-links = {newer.parent}\n", "utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    upload(index.upload_url, [wheel(tmp_path / "built", "1.0.0")], log)
    environment.install(index.url, "geventconnpool_ext")
    assert environment.version() == "1.0.0"


def test_a_file_is_never_replaced(index, log, tmp_path):
    upload(index.upload_url, [wheel(tmp_path / "built", "1.0.0")], log)
    other = wheel(tmp_path / "other", "1.0.0", text="changed = True\n")
    with pytest.raises(CommandFailed, match="400 Bad Request"):
        upload(index.upload_url, [other], log)
    assert digest(index.files()[other.name]) != digest(other)


def test_a_yank_is_seen_by_pip_with_its_reason(index, environment, log, tmp_path):
    built = [wheel(tmp_path / "built", version) for version in ("1.0.0", "1.0.1")]
    upload(index.upload_url, built, log)
    index.yank("1.0.1", "is <bad>")
    environment.install(index.url, "geventconnpool_ext")
    assert environment.version() == "1.0.0"
    said = environment.install(index.url, "geventconnpool_ext==1.0.1").said
    assert "Reason for being yanked: is <bad>" in said
    assert environment.version() == "1.0.1"


def test_what_is_not_there_cannot_be_yanked(index, log, tmp_path):
    upload(index.upload_url, [wheel(tmp_path / "built", "1.0.10")], log)
    with pytest.raises(ValueError, match=r"no file of 1\.0\.1 was uploaded"):
        index.yank("1.0.1", "bad")


def test_twine_uses_no_token_of_the_person_who_rehearses(
    index, log, tmp_path, monkeypatch
):
    monkeypatch.setenv("TWINE_PASSWORD", "a real token")
    monkeypatch.setenv("TWINE_REPOSITORY_URL", "http://127.0.0.1:9/")
    upload(index.upload_url, [wheel(tmp_path / "built", "1.0.0")], log)
    assert index.files()
    assert "a real token" not in log.path.read_text("utf-8")


def test_an_environment_runs_nothing_of_this_one(environment):
    program = "import sys; print(sys.prefix)"
    assert environment.run("-c", program).strip() == str(environment.directory)
    assert sys.prefix != str(environment.directory)
