"""Risk: what meets a contributor asks for less than is needed, or for what is gone."""

from __future__ import annotations

import re
import sys

import yaml

from .files import FORGE, ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def form(name):
    return yaml.safe_load((FORGE / "ISSUE_TEMPLATE" / name).read_text("utf-8"))


def required(content):
    return {
        part["id"]
        for part in content["body"]
        if part.get("validations", {}).get("required")
    }


def test_a_report_of_a_bug_must_have_doctors_output_and_the_cell_of_the_matrix():
    bug = form("bug.yml")
    assert {"seen", "doctor", "cell"} <= required(bug)
    doctor = next(part for part in bug["body"] if part.get("id") == "doctor")
    assert "geventconnpool-ext doctor" in doctor["attributes"]["description"]


def test_nobody_opens_an_issue_without_a_form_and_vulnerabilities_have_another_way():
    config = form("config.yml")
    assert config["blank_issues_enabled"] is False
    assert any("advisories/new" in link["url"] for link in config["contact_links"])


def test_pages_that_a_form_links_to_exist():
    for link in form("config.yml")["contact_links"]:
        page = re.search(r"/blob/main/(.*)$", link["url"])
        assert page is None or (ROOT / page[1]).is_file(), link["url"]


def test_every_path_has_an_owner_with_a_name():
    text = (FORGE / "CODEOWNERS").read_text("utf-8")
    rules = [line.split() for line in text.splitlines() if line and line[0] != "#"]
    assert rules[0] == ["*", "@geventconnpool-ext/maintainers"]
    assert all(owner.startswith("@") for rule in rules for owner in rule[1:])


def test_who_works_without_nox_installs_every_extra():
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    (extras,) = re.findall(r'pip install -e "\.\[(.*)\]"', page)
    assert set(extras.split(",")) == set(PROJECT["project"]["optional-dependencies"])


def test_hooks_take_their_tools_in_the_versions_that_the_sessions_take():
    config = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    groups = PROJECT["dependency-groups"]
    known = {str(one) for name in ("lint", "maintenance") for one in groups[name]}
    hooks = [hook for repo in yaml.safe_load(config)["repos"] for hook in repo["hooks"]]
    assert len(hooks) >= 5
    for hook in hooks:
        assert hook["additional_dependencies"], hook["id"]
        for requirement in hook["additional_dependencies"]:
            assert requirement in known, (hook["id"], requirement)


def test_hooks_come_from_this_repository_alone():
    """So that they need the package index, and nobody else's repository."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
