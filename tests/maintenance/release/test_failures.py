"""Whatever is wrong with a release is told by the step that finds it."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack

import pytest

pytest.importorskip("build", reason="nox -s release has it")
pytest.importorskip("cyclonedx")

from packaging.version import Version

from maintenance.artefacts.building import Artefacts
from maintenance.release import bill_of_materials
from maintenance.release.__main__ import main
from maintenance.release.environments import Environment
from maintenance.release.errors import ReleaseError
from maintenance.release.rehearsal import DryRun

from .test_index import sdist, wheel


def fails(project, capsys, step, version="1.1.0"):
    """What the dry run says, whose last step must be this one; the copy is left."""
    before = project.state()
    assert main(["--dry-run", version, "--project", str(project.path)]) == 1
    assert project.state() == before
    said = capsys.readouterr()
    *steps, log, left = said.out.splitlines()
    assert " ".join(steps[-1].split()[1:-3]) == step, said
    assert steps[-1].endswith("FAILED")
    assert log == f"the log: .cache/release/{version}.log"
    assert left.startswith("left to be looked at: ")
    shutil.rmtree(left.partition(": ")[2])
    assert "what to do: " in said.err
    return said.err


def test_a_dirty_checkout(project, capsys):
    project.write("new.txt", "new")
    assert "not committed: new.txt" in fails(project, capsys, "checkout")


def test_a_version_below_the_last_tag(project, capsys):
    said = fails(project, capsys, "checkout", "0.9.9")
    assert "0.9.9 is not newer than the last release, 1.0.0" in said
    assert "choose a version above 1.0.0" in said


def test_a_version_that_cannot_be_written(project, capsys):
    project.write("geventconnpool_ext/__init__.py", "__version__ = None\n")
    project.commit()
    said = fails(project, capsys, "version")
    assert "[tool.hatch.version] in pyproject.toml" in said


def test_a_malformed_fragment(project, capsys):
    project.fragment("+bad.fixed.md", "# A heading")
    assert "it begins like a list" in fails(project, capsys, "changelog")


def test_what_cannot_be_built(project, capsys):
    text = (project.path / "pyproject.toml").read_text("utf-8")
    project.write(
        "pyproject.toml", text.replace("Typing :: Typed", "Typing :: Guessed")
    )
    project.commit()
    assert "exited when trying to invoke" in fails(project, capsys, "build")
    log = project.path / ".cache" / "release" / "1.1.0.log"
    assert "Unknown classifier" in log.read_text("utf-8")


def test_a_page_of_the_index_that_cannot_be_rendered(project, capsys):
    text = (project.path / "pyproject.toml").read_text("utf-8")
    text = text.replace('content-type = "text/markdown"', 'content-type = "text/x-rst"')
    project.write("pyproject.toml", text)
    project.write("README.md", "A page\n=\n\n.. no-such-directive::\n")
    project.commit()
    assert "twine" in fails(project, capsys, "metadata")


def test_a_bill_without_the_one_dependency(project, tmp_path, log):
    empty = Environment(tmp_path / "environment", log)
    path = wheel(tmp_path / "built", "1.0.0")
    settings = project.path / "pyproject.toml"
    arguments = empty.python, settings, path, "1.0.0", tmp_path / "bill.json", log
    with pytest.raises(ReleaseError, match="does not name gevent"):
        bill_of_materials.write(*arguments)
    made = json.loads((tmp_path / "bill.json").read_text("utf-8"))
    assert made["metadata"]["component"]["purl"] == "pkg:pypi/geventconnpool-ext@1.0.0"
    # The same wheel has the same number; another wheel has another.
    numbers = [made["serialNumber"]]
    for changed in (False, True):
        if changed:
            wheel(path.parent, "1.0.0", text="changed = True\n")
        with pytest.raises(ReleaseError, match="does not name gevent"):
            bill_of_materials.write(*arguments)
        made = json.loads((tmp_path / "bill.json").read_text("utf-8"))
        numbers.append(made["serialNumber"])
    assert all(number.startswith("urn:uuid:") for number in numbers)
    assert numbers[0] == numbers[1] != numbers[2]


BILL = {
    "bomFormat": "CycloneDX",
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "specVersion": "1.6",
}


@pytest.mark.parametrize("key", BILL)
def test_a_bill_that_cannot_be_attested(tmp_path, key):
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(BILL), "utf-8")
    bill_of_materials.require_valid(path)
    path.write_text(json.dumps({k: v for k, v in BILL.items() if k != key}), "utf-8")
    with pytest.raises(ReleaseError, match=rf"^bill\.json has no {key}$"):
        bill_of_materials.require_valid(path)


@pytest.mark.parametrize("wrong", [{"x": 1}, {"serialNumber": "17"}])
def test_a_bill_that_does_not_fit_the_schema(tmp_path, wrong):
    path = tmp_path / "bill.json"
    path.write_text(json.dumps({**BILL, **wrong}), "utf-8")
    with pytest.raises(ReleaseError, match=r"bill\.json does not fit the schema"):
        bill_of_materials.require_valid(path)


@pytest.fixture
def dry_run(tmp_path, log):
    """A rehearsal whose wheel is made already: its later steps can be run alone."""
    with ExitStack() as stack:
        made = DryRun(
            tmp_path, Version("1.0.0"), tmp_path / "scratch", tmp_path, log, stack
        )
        path = wheel(tmp_path / "built", "1.0.0")
        made.files.built = Artefacts(sdist(path.parent, "1.0.0"), path)
        yield made


def test_an_index_that_does_not_answer(dry_run):
    dry_run.start_index()
    dry_run.index.close()
    with pytest.raises(ReleaseError, match="twine upload failed"):
        dry_run.upload()


def test_a_file_that_is_not_the_one_that_was_built(dry_run):
    dry_run.start_index()
    path = dry_run.files.built.wheel
    dry_run.upload()
    wheel(path.parent, "1.0.0", text="changed = True\n")
    with pytest.raises(ReleaseError, match=r"a file of SHA-256 [0-9a-f]{64}"):
        dry_run.install()


def test_a_release_that_does_not_do_its_job(dry_run):
    dry_run.start_index()
    dry_run.upload()
    dry_run.install()
    with pytest.raises(
        ReleaseError, match=r"main_job\.py failed .*ModuleNotFoundError"
    ):
        dry_run.do_main_job()


def test_a_requirement_that_is_not_met(tmp_path, log):
    environment = Environment(tmp_path / "environment", log)
    wheel(tmp_path / "built", "1.0.0", requires="no-such-thing-as-this")
    environment.require(
        "--no-deps", str(tmp_path / "built/geventconnpool_ext-1.0.0-py3-none-any.whl")
    )
    with pytest.raises(ReleaseError, match="no-such-thing-as-this"):
        environment.check()
