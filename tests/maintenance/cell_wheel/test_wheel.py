from __future__ import annotations

import base64
import hashlib
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from maintenance.cell_wheel import build
from maintenance.cell_wheel.wheel import source_digest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A copy of what the wheel is made of, with a cache of its own."""
    root = tmp_path_factory.mktemp("root")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(
        ROOT / "geventconnpool_ext", root / "geventconnpool_ext", False, ignored
    )
    for name in ("CHANGELOG.md", "LICENSE", "NOTICE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    return root


def content_of(wheel):
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_from_3_8_on_it_is_the_source_as_it_is(root, tmp_path):
    wheel = content_of(build(root, tmp_path, (3, 8)))
    for path in root.glob("geventconnpool_ext/**/*.py"):
        assert wheel[str(path.relative_to(root))] == path.read_bytes()


def test_for_3_6_it_is_the_same_stripped_and_says_so(root, tmp_path):
    today = content_of(build(root, tmp_path / "today", (3, 11)))
    old = content_of(build(root, tmp_path / "old", (3, 6)))
    assert set(old) == set(today)
    for name, content in old.items():
        if name.endswith(".py"):
            assert b"__future__" not in content
        elif name.endswith("METADATA"):
            assert b"\nRequires-Python: >=3.6\n" in content
            assert b"\nRequires-Dist: gevent>=1.1a1\n" in content
        elif not name.endswith("RECORD"):
            assert content == today[name]


def test_the_record_of_the_stripped_wheel_is_true(root, tmp_path):
    wheel = content_of(build(root, tmp_path, (3, 7)))
    (record,) = (wheel[name].decode() for name in wheel if name.endswith("RECORD"))
    lines = [line.split(",") for line in record.splitlines()]
    assert {line[0] for line in lines} == set(wheel)
    for name, digest, size in lines:
        if not name.endswith("RECORD"):
            kind, _, value = digest.partition("=")
            found = hashlib.sha256(wheel[name]).digest()
            assert kind == "sha256"
            assert value == base64.urlsafe_b64encode(found).decode().rstrip("=")
            assert int(size) == len(wheel[name])


def test_it_is_built_once_for_one_source_and_anew_for_another(root, tmp_path):
    build(root, tmp_path / "first", (3, 6))
    begun = time.monotonic()
    again = build(root, tmp_path / "again", (3, 6))
    assert time.monotonic() - begun < 0.5, "it was built again"
    before = source_digest(root)
    with (root / "geventconnpool_ext" / "errors.py").open("a") as file:
        file.write("ADDED = 1\n")
    assert source_digest(root) != before
    changed = build(root, tmp_path / "changed", (3, 6))
    assert b"ADDED = 1" in content_of(changed)["geventconnpool_ext/errors.py"]
    assert b"ADDED" not in content_of(again)["geventconnpool_ext/errors.py"]
