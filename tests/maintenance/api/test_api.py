"""What breaks a user is told before it is released: tried on a made-up project."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("griffe")

from maintenance.api.__main__ import main

ROOT = Path(__file__).resolve().parents[3]
PAGE = """\
# Versions

<!-- public: begin -->

| module | public names |
|---|---|
| `geventconnpool_ext` | all in `__all__`, to override: `Pool._new_connection` |
| `geventconnpool_ext.more` | `Extra` |

<!-- public: end -->
"""
TOP = """\
from .more import Extra
from .pool import Pool
from .retry import retry

__version__ = "1.0.0"
__all__ = ["Pool", "retry"]
"""
POOL = '''\
class Base:
    __slots__ = ("inner",)

    def _new_connection(self):
        """To override."""

    def _inner(self, anything):
        """Nobody's business."""

    def get(self, timeout=None, *, wait=True) -> int:
        """Get it."""


class Pool(Base):
    kind = "pool"
'''
MORE = '''\
class Extra:
    value: int = 1


def inside(number):
    """Not on the page."""
'''
RETRY = "def retry(f=None, interval=None):\n    return f\n"
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.0.0] - 2026-01-02\n\n- It.\n"


@pytest.fixture
def project(tmp_path):
    """A repository that has released 1.0.0 and goes on to 1.1."""
    root = tmp_path / "project"
    package = root / "geventconnpool_ext"
    for path, text in {
        package / "__init__.py": TOP,
        package / "pool.py": POOL,
        package / "more.py": MORE,
        package / "retry.py": RETRY,
        root / "docs" / "versioning.md": PAGE,
        root / "changes" / "README.md": "Fragments.\n",
        root / "CHANGELOG.md": CHANGELOG,
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(root, "init", "-q")
    commit(root)
    git(root, "tag", "v1.0.0")
    change(root, "__init__.py", "1.0.0", "1.1.0.dev0")
    commit(root)
    return root


def git(root, *arguments):
    who = ["-c", "user.name=N", "-c", "user.email=n@example.org"]
    subprocess.run(
        ["git", *who, *arguments], cwd=root, check=True, capture_output=True, text=True
    )


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "all of it")


def change(root, name, old, new):
    path = root / "geventconnpool_ext" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def run(root, capsys):
    status = main(["--project", str(root)])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_before_the_first_release_there_is_nothing_to_compare(project, capsys):
    git(project, "tag", "-d", "v1.0.0")
    (project / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n")
    status, said = run(project, capsys)
    assert status == 0
    assert said == "3 public names; no release yet, nothing to compare\n"


BREAKS = {
    "a method is gone": ("pool.py", "def get(", "def take(", "Pool.get"),
    "a parameter is gone": ("pool.py", "timeout=None, ", "", r"get\(timeout\)"),
    "a parameter has another name": ("pool.py", "timeout=", "within=", r"\(timeout\)"),
    "a parameter is newly required": ("pool.py", "timeout=None", "timeout", "required"),
    "a parameter is keyword-only now": ("pool.py", "timeout=", "*, timeout=", "kind"),
    "a default is another": ("pool.py", "wait=True", "wait=False", "default"),
    "an attribute is gone": ("pool.py", 'kind = "pool"', "pass", "Pool.kind"),
    "a method to override is gone": ("pool.py", "_new_connection", "_open", "_new_"),
    "a base class is gone": ("pool.py", "class Pool(Base)", "class Pool", "Pool.get"),
    "a name is gone": ("__init__.py", '"Pool", ', "", "geventconnpool_ext.Pool"),
    "a function's parameter is gone": ("retry.py", ", interval=None", "", "interval"),
    "a name of another module is gone": ("more.py", "Extra", "Other", "more.Extra"),
}


@pytest.mark.parametrize("case", BREAKS)
def test_it_fails_where(case, project, capsys):
    if case == "a parameter is keyword-only now":
        change(project, "pool.py", "*, wait", "wait")
    name, old, new, wanted = BREAKS[case]
    change(project, name, old, new)
    # The page goes along, and must not unsay what was promised.
    page = PAGE
    if case == "a name of another module is gone":
        change(project, "__init__.py", "from .more import Extra\n", "")
        page = page.replace("`Extra`", "`Other`")
    if case in ("a method to override is gone", "a base class is gone"):
        page = page.replace(", to override: `Pool._new_connection`", "")
    (project / "docs" / "versioning.md").write_text(page)
    status, said = run(project, capsys)
    assert status == 1
    assert re.search("^breaks  .*(?:{})".format(wanted), said, re.M), said
    assert "changes/+what-goes.major.md" in said


ADDITIONS = {
    "nothing": ("pool.py", "Get it.", "Gets it."),
    "a method": ("pool.py", "    kind =", "    def wait(self): ...\n\n    kind ="),
    "a parameter with a default": ("pool.py", "wait=True", "wait=True, more=None"),
    "an optional parameter": ("pool.py", "wait=True", "more=None, wait=True"),
    "what was never public": ("pool.py", "_inner(self, anything)", "_inner(self)"),
    "a method below an underscore": ("pool.py", "def _inner", "def _innermost"),
    "a function not on the page": ("more.py", "inside(number)", "inside()"),
    "how attributes are kept": ("pool.py", '    __slots__ = ("inner",)\n', ""),
    "where a class stands": ("__init__.py", ".more", ".other"),
}


@pytest.mark.parametrize("case", ADDITIONS)
def test_it_passes_where_only_this_is_added_or_changed(case, project, capsys):
    change(project, *ADDITIONS[case])
    if case == "where a class stands":
        package = project / "geventconnpool_ext"
        (package / "other.py").write_text(MORE)
        (package / "more.py").write_text("from .other import Extra\n")
    status, said = run(project, capsys)
    assert (status, "breaks" in said) == (0, False), said


def test_a_new_name_is_counted_as_new(project, capsys):
    change(project, "__init__.py", '"retry"]', '"retry", "Extra"]')
    assert run(project, capsys) == (0, "4 public names, 1 of them new since 1.0.0\n")


def test_a_major_fragment_lets_a_break_pass_and_still_names_it(project, capsys):
    change(project, "pool.py", "timeout=", "within=")
    assert run(project, capsys)[0] == 1
    (project / "changes" / "+within.fixed.md").write_text("Mended.\n")
    assert run(project, capsys)[0] == 1
    (project / "changes" / "+within.major.md").write_text("Write within=.\n")
    status, said = run(project, capsys)
    assert status == 0
    assert "get(timeout)" in said
    assert "1 incompatible changes since 1.0.0, as changes/+within.major.md" in said


@pytest.mark.parametrize(
    ("version", "status"),
    [("2.0", 0), ("2.0rc1", 0), ("2.0.dev0", 1), ("1.1", 1)],
)
def test_in_a_release_its_number_says_whether_it_is_major(
    version, status, project, capsys
):
    change(project, "pool.py", "timeout=", "within=")
    change(project, "__init__.py", "1.1.0.dev0", version)
    assert run(project, capsys)[0] == status


def test_an_old_parameter_that_still_works_is_no_break(project, capsys):
    decorator = '@renamed_parameter("timeout", "within", since="1.1", removed_in="2.0")'
    change(project, "pool.py", "    def get(", f"    {decorator}\n    def get(")
    change(project, "pool.py", "timeout=None", "within=None")
    assert run(project, capsys)[0] == 0


def test_an_old_name_is_no_break_until_it_goes(project, capsys):
    change(project, "__init__.py", "Pool", "Queue")
    change(project, "pool.py", "class Pool(", "class Queue(")
    page = project / "docs" / "versioning.md"
    page.write_text(PAGE.replace("Pool._new", "Queue._new"))
    assert run(project, capsys)[0] == 1
    names = '{"Pool": ("geventconnpool_ext.Queue", Queue)}'
    getter = f'__getattr__ = deprecated_names(__name__, {names}, since="1.1")\n'
    change(project, "__init__.py", "__all__", f"{getter}__all__")
    status, said = run(project, capsys)
    assert status == 0, said
    change(project, "__init__.py", "1.1.0.dev0", "1.1.0")
    (project / "CHANGELOG.md").write_text(CHANGELOG.replace("1.0.0", "1.1.0"))
    commit(project)
    git(project, "tag", "v1.1.0")
    change(project, "__init__.py", "1.1.0", "1.2.0.dev0")
    assert run(project, capsys)[0] == 0
    change(project, "__init__.py", getter, "")
    status, said = run(project, capsys)
    assert status == 1
    assert "breaks  geventconnpool_ext.Pool" in said


def test_a_candidate_is_no_release_to_compare_with(project, capsys):
    change(project, "pool.py", "wait=True", "wait=True, more=None")
    commit(project)
    git(project, "tag", "v1.1.0rc1")
    change(project, "pool.py", ", more=None", "")
    status, said = run(project, capsys)
    assert status == 0
    assert "since 1.0.0" in said


def test_a_clone_without_its_tags_is_not_taken_for_one_before_its_release(
    project, capsys
):
    git(project, "tag", "-d", "v1.0.0")
    status, said = run(project, capsys)
    assert status == 1
    assert "no tag v1.0.0: run 'git fetch --tags" in said


def test_a_page_that_promises_what_is_not_there_is_an_error(project, capsys):
    page = project / "docs" / "versioning.md"
    page.write_text(PAGE.replace("`Extra`", "`Extra`, `Misspelt`"))
    status, said = run(project, capsys)
    assert status == 1
    assert "geventconnpool_ext.more.Misspelt" in said
    page.write_text("# Versions\n")
    assert "has no table" in run(project, capsys)[1]


def test_what_was_promised_at_the_release_is_not_unsaid_by_the_page(project, capsys):
    page = project / "docs" / "versioning.md"
    page.write_text(PAGE.replace("| `geventconnpool_ext.more` | `Extra` |\n", ""))
    change(project, "more.py", "Extra", "Other")
    change(project, "__init__.py", "from .more import Extra\n", "")
    status, said = run(project, capsys)
    assert status == 1
    assert "breaks  geventconnpool_ext.more.Extra" in said
