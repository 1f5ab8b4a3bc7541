"""A made-up repository with a ledger in order: what each test then breaks."""

from __future__ import annotations

from maintenance.ledger import dep3, differences, entries, lock

SHA = {name: name * 40 for name in "abcdef"}
PATCH_ID = "9" * 40
SHA256 = "1" * 64
DEFECTS = ("U1",)

COMMON = {
    "Author": "Somebody <somebody@example.org>",
    "Forwarded": "not-needed",
    "Last-Update": "2026-11-24",
}
FIRST = {
    "Description": "First version",
    **COMMON,
    "Origin": "upstream, commit:" + SHA["a"],
    "X-Status": "reimplemented",
    "X-Class": "parity",
    "X-Symbols": "geventconnpool_ext.pool.ConnectionPool\ngeventconnpool_ext.retry",
    "X-Tests": "tests/differential/test_pool.py::test_it_lends",
}
WORDS = {
    "Description": "A typing error in the README\nThere is no such README here.",
    **COMMON,
    "Origin": "upstream, commit:" + SHA["b"],
    "X-Status": "not-applicable",
}
PULL = {
    "Description": "Reads a connection's mind\nNobody can.",
    **COMMON,
    "Origin": "upstream, pull:5",
    "Bug": "https://example.org/5",
    "Applied-Upstream": "0.2.1",
    "X-Status": "rejected",
}
DEFECT = {
    "Description": "An exception while connecting kills the opener",
    **COMMON,
    "Origin": "other, defect:U1",
    "X-Status": "superseded",
    "X-Class": "divergence",
    "X-Symbols": "geventconnpool_ext.pool.ConnectionPool.get",
    "X-Tests": "tests/differential/test_pool.py::test_it_connects_again",
    "X-Fails-With": "AssertionError: no connection",
    "X-Upstream": "`get()` hangs for ever",
    "X-Here": "it is tried again",
    "X-Since": "1.0.0",
}
EXTRA = {
    "Description": "Statistics",
    **COMMON,
    "Origin": "other, defect:no-statistics",
    "X-Status": "adopted",
    "X-Class": "extension",
    "X-Symbols": "geventconnpool_ext.pool",
    "X-Tests": "tests/test_own.py::TestStats::test_they_count",
}
LEDGER = {
    "0001-first-version": FIRST,
    "0002-words": WORDS,
    "0003-mind": PULL,
    "0004-connecting": DEFECT,
    "0005-statistics": EXTRA,
}
LOCK = lock.Lock(
    repository="https://example.org/upstream",
    branch="master",
    head=SHA["b"],
    date="2020-01-02",
    project="geventconnpool",
    commits=(
        lock.Commit(SHA["a"], "2020-01-01", PATCH_ID),
        lock.Commit(SHA["b"], "2020-01-02", ""),
    ),
    tags={"0.1": SHA["a"]},
    pulls=(lock.Pull(5, SHA["c"], (lock.Commit(SHA["c"], "2020-01-03", "8" * 40),)),),
    releases=(lock.Release("0.2.1", "geventconnpool-0.2.1.tar.gz", SHA256),),
)

PYPROJECT = """\
[tool.pytest.ini_options]
addopts = ["-p", "no:geventconnpool_ext", "--import-mode=importlib"]
"""
CONFTEST = """\
import pytest

@pytest.fixture(params=["upstream", "ours"])
def implementation(request):
    return request.param
"""
TESTS = """\
def test_it_lends(implementation):
    pass

def test_it_connects_again(implementation):
    pass
"""
OWN = """\
class TestStats:
    def test_they_count(self):
        pass
"""
POOL = """\
class ConnectionPool:
    def get(self):
        pass
"""
SHIM = f"""\
VERSION = "0.2.1"
SHA256 = "{SHA256}"
"""
CHANGELOG = """\
# Changelog

- It connects again (ledger
  0004).
"""


def make(root, ledger=LEDGER):
    """Write the repository below *root*, with its page rendered."""
    files = {
        "pyproject.toml": PYPROJECT,
        "CHANGELOG.md": CHANGELOG,
        "geventconnpool_ext/__init__.py": "def retry(): pass\n",
        "geventconnpool_ext/pool.py": POOL,
        "tests/test_own.py": OWN,
        "tests/upstream/shim.py": SHIM,
        "tests/differential/conftest.py": CONFTEST,
        "tests/differential/test_pool.py": TESTS,
        "patches/upstream.lock": lock.dump(LOCK),
        "patches/series": "# in order\n" + "".join(f"{n}.dep3\n" for n in ledger),
        "docs/differences.md": "",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for name, fields in ledger.items():
        write(root, name, fields)
    render(root)
    return root


def write(root, name, fields):
    """Write one entry; a field of None is left out."""
    kept = {field: value for field, value in fields.items() if value is not None}
    (root / "patches" / f"{name}.dep3").write_text(dep3.dump(kept), "utf-8")


def render(root):
    """Write the page anew, so that it is not stale as well."""
    text = differences.render(entries.load(root / "patches"))
    (root / "docs" / "differences.md").write_text(text, "utf-8")
