"""Risk: the repository moves, and what a workflow or a form needs is not set up."""

from __future__ import annotations

import re

import pytest
import yaml

from .files import FORGE, PATHS, ROOT, jobs, workflow

PAGE = (ROOT / "docs" / "releasing.md").read_text("utf-8")
SECTION = PAGE.partition("\n## Once: settings of the forge\n")[2].partition("\n## ")[0]


def quoted():
    return set(re.findall(r"`([^`\n]+)`", SECTION))


def test_every_environment_is_named():
    environments = {job["environment"] for _, job in jobs() if "environment" in job}
    assert len(environments) == 3
    assert environments <= quoted()


def test_every_label_and_every_owner_is_named():
    forms = (FORGE / "ISSUE_TEMPLATE").glob("*.yml")
    contents = [yaml.safe_load(path.read_text("utf-8")) for path in forms]
    labels = {label for content in contents for label in content.get("labels", ())}
    owners = set(re.findall(r"@\S+", (FORGE / "CODEOWNERS").read_text("utf-8")))
    assert len(labels) == 3
    assert labels | owners <= quoted()


def test_every_workflow_that_has_a_schedule_is_among_those_to_look_after():
    scheduled = {path.name for path in PATHS if "schedule" in workflow(path)["on"]}
    assert set(re.findall(r"^gh workflow enable (\S+)$", SECTION, re.M)) == scheduled
    assert "no activity for 60 days" in SECTION


def test_the_required_check_is_a_job_that_waits_for_all_others_of_ci():
    (check,) = re.findall(r"the check `(\w+)` is required", SECTION)
    ci = workflow(FORGE / "workflows" / "ci.yml")["jobs"]
    assert set(ci[check]["needs"]) == set(ci) - {check}


@pytest.mark.parametrize(
    ("used", "files", "setting"),
    [
        (
            "gh pr create",
            {"workflows/compat.yml"},
            "Allow GitHub Actions to create and approve pull requests",
        ),
        (
            "actions/deploy-pages@",
            {"workflows/docs.yml"},
            "the source of Pages is GitHub Actions",
        ),
        (
            "/security/advisories/new",
            {"ISSUE_TEMPLATE/config.yml"},
            "private vulnerability reporting",
        ),
    ],
)
def test_what_needs_a_setting_is_named_with_it(used, files, setting):
    using = {
        path.relative_to(FORGE).as_posix()
        for path in FORGE.rglob("*.yml")
        if used in path.read_text("utf-8")
    }
    assert using == files
    (row,) = (line for line in SECTION.splitlines() if line.startswith(f"| {setting}"))
    for name in files:
        assert name.replace("workflows/", "") in row
