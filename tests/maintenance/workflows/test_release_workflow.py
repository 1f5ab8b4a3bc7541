"""Risk: what is published is not what was tested, or goes where it should not."""

from __future__ import annotations

import re

import pytest

from .files import FORGE, ROOT, scripts, workflow

PATH = FORGE / "workflows" / "release.yml"
RELEASE = workflow(PATH)
JOBS = RELEASE["jobs"]
PUBLISHERS = {"pypi": "pypi", "testpypi": "testpypi"}


def needed_by(name):
    """All jobs that *name* waits for."""
    direct = JOBS[name].get("needs", [])
    direct = [direct] if isinstance(direct, str) else direct
    return set(direct).union(*map(needed_by, direct))


def uses(name, action):
    found = [s for s in JOBS[name]["steps"] if s.get("uses", "").startswith(action)]
    return [step["with"] for step in found]


def test_it_begins_with_a_tag_or_a_push_to_main_and_with_nothing_else():
    assert RELEASE["on"] == {"push": {"branches": ["main"], "tags": ["v*"]}}


def test_the_files_are_built_in_one_job_and_no_other():
    building = [
        name
        for name, job in JOBS.items()
        if "nox -s release -- --build" in "\n".join(scripts(job))
    ]
    assert building == ["build"]
    (kept,) = uses("build", "actions/upload-artifact@")
    for name in ("test", "attest", *PUBLISHERS):
        (taken,) = uses(name, "actions/download-artifact@")
        assert taken["name"] == kept["name"]


@pytest.mark.parametrize("name", sorted(PUBLISHERS))
def test_nothing_is_published_that_was_not_built_tested_and_attested(name):
    assert needed_by(name) == {"build", "test", "attest"}


def test_what_is_tested_is_the_wheel_that_was_built():
    text = "\n".join(scripts(JOBS["test"]))
    assert "sha256sum --check SHA256SUMS" in text
    variable = re.search(r"(\w+)=\$\{wheel\[0\]\} nox -s tests$", text, re.M)
    assert variable
    noxfile = (ROOT / "noxfile.py").read_text("utf-8")
    assert f'os.environ.get("{variable[1]}")' in noxfile


def test_the_origin_and_the_bill_of_materials_are_attested_of_all_that_is_published():
    attested = uses("attest", "actions/attest@")
    assert len(attested) == 2
    (published,) = {
        options["packages-dir"]
        for name in PUBLISHERS
        for options in uses(name, "pypa/gh-action-pypi-publish@")
    }
    assert {one["subject-path"] for one in attested} == {f"{published}/*"}
    assert sum("sbom-path" in one for one in attested) == 1


@pytest.mark.parametrize("name", sorted(PUBLISHERS))
def test_the_index_is_named_by_the_environment_and_not_by_the_file(name):
    assert JOBS[name]["environment"] == PUBLISHERS[name]
    (options,) = uses(name, "pypa/gh-action-pypi-publish@")
    address = options["repository-url"]
    assert address == "${{ vars.INDEX_UPLOAD_URL }}"
    # Where none is set, the action would choose one.
    first = JOBS[name]["steps"][0]
    assert first["run"].startswith('test -n "$INDEX"')
    assert first["env"] == {"INDEX": address}


def test_a_tag_goes_to_pypi_alone_and_main_to_testpypi_alone():
    assert JOBS["pypi"]["if"] == "startsWith(github.ref, 'refs/tags/v')"
    assert JOBS["testpypi"]["if"] == "github.ref == 'refs/heads/main'"


def test_no_file_below_github_names_an_index():
    for path in FORGE.rglob("*.*"):
        hosts = set(re.findall(r"https?://([^/\s]+)", path.read_text("utf-8")))
        assert hosts <= {"github.com"}, path.name


def test_a_trial_has_a_version_of_its_own_wherever_main_is_checked_out():
    for name in ("build", "test"):
        (step,) = (
            step
            for step in JOBS[name]["steps"]
            if "trial-version" in step.get("run", "")
        )
        assert step["if"] == "github.ref_type == 'branch'"
        assert step["run"] == 'nox -s trial-version -- "$GITHUB_RUN_NUMBER"'
