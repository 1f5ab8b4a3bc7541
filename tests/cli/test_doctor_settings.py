"""Risk: doctor calls variables good that from_env() refuses, or shows a secret."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from pathlib import Path

import pytest

pytest.importorskip("cryptography", reason="certificates of any date are made with it")

from geventconnpool_ext.cli import machine
from geventconnpool_ext.epp import EPPPool

from .asked import PASSWORD, command
from .issued import Issued
from .processes import WHERE, run

GOOD = {
    "HOST": "epp.example",
    "USER": "client",
    "PASSWORD": PASSWORD,
    "SIZE": "5",
    "NAME": "not-for-a-report",
}


@pytest.fixture
def doctor(monkeypatch):
    """``doctor(HOST=..., ...)``: the findings with these variables, by name."""

    def call(*options, prefix="EPP_", status=0, **variables):
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(prefix + name, value)
            finished = command("doctor", "--json", *options)
            command("doctor", *options)  # no line too wide, no secret
        assert finished.status == status, finished
        findings = {}
        for finding in json.loads(finished.out)["findings"]:
            findings.setdefault(finding["name"], []).append(finding)
        return findings

    return call


def test_no_variable_is_no_matter(doctor):
    (finding,) = doctor()["settings"]
    assert finding["level"] == "ok"
    (finding,) = doctor(PASSWORD=PASSWORD)["settings"]
    assert finding["level"] == "ok", "ping reads it too"


def test_an_lxml_that_cannot_be_imported_is_a_problem_and_no_traceback(tmp_path):
    broken = tmp_path / "lxml"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('wrong ELF class')")
    path = os.pathsep.join([str(tmp_path), WHERE])
    for variables in ({}, {"EPP_HOST": "epp.example"}):
        finished = run("doctor", "--json", PYTHONPATH=path, **variables)
        assert finished.err == ""
        assert finished.status == 1
        found = json.loads(finished.out)["findings"]
        (finding,) = [f for f in found if f["name"] == "settings"]
        assert finding["level"] == "problem"
        assert "wrong ELF class" in finding["what"]
        assert "install" in finding["action"]


def test_good_variables_are_listed_by_name_and_no_value_is_shown(doctor):
    (finding,) = doctor(**GOOD)["settings"]
    assert finding["level"] == "ok"
    assert "5 variables" in finding["what"]
    listed = finding["details"][0].split(", ")
    assert sorted(listed) == sorted("EPP_" + name for name in GOOD)
    assert "not-for-a-report" not in json.dumps(finding)


def test_another_prefix_is_read_instead(doctor):
    assert "PASSWORD" in GOOD
    wrong = dict(GOOD, PORT="none")
    (finding,) = doctor("--prefix", "REG_", prefix="REG_", status=1, **wrong)[
        "settings"
    ]
    assert finding["what"].startswith("REG_PORT must be")
    finished = command("doctor", "--prefix", "")
    assert finished.status == 2
    assert "--prefix must not be empty" in finished.err


def test_a_wrong_variable_is_a_problem_in_the_words_of_from_env(doctor):
    wrong = dict(GOOD, PORT="none", LEAK_AFTER="-1")
    (finding,) = doctor(status=1, **wrong)["settings"]
    with pytest.raises(ValueError, match="EPP_LEAK_AFTER") as raised:
        EPPPool.from_env(environ={"EPP_" + n: v for n, v in wrong.items()})
    assert finding["level"] == "problem"
    assert finding["what"] == str(raised.value)


def test_a_missing_variable_is_a_warning_and_the_others_are_checked_all_the_same(
    doctor,
):
    wrong, missing = doctor(status=1, HOST="epp.example", PORT="none")["settings"]
    assert wrong["level"] == "problem"
    assert "EPP_PORT" in wrong["what"]
    assert missing["level"] == "warning"
    assert (
        missing["what"]
        == "not set: EPP_USER, EPP_PASSWORD or EPP_PASSWORD_FILE, EPP_SIZE"
    )


def test_a_slip_in_a_name_is_a_warning(doctor, monkeypatch, caplog):
    from geventconnpool_ext.epp import settings

    monkeypatch.setattr(settings, "_reported", set())
    monkeypatch.setenv("EPP_HELO_INTERVAL", "5")
    finished = command("doctor", "--json", "--prefix", "EPP_")
    assert "did you mean" not in finished.out, "no pool is made of that one alone"
    for name, value in GOOD.items():
        monkeypatch.setenv("EPP_" + name, value)
    finished = command("doctor", "--json")
    found = [f for f in json.loads(finished.out)["findings"] if f["level"] == "warning"]
    assert "EPP_HELLO_INTERVAL" in found[0]["what"]
    assert caplog.records == [], "it is told once, in the report"


def test_a_file_that_cannot_be_read_and_a_key_that_does_not_fit_are_problems(
    doctor, tmp_path
):
    (finding,) = doctor(status=1, **GOOD, CA_FILE=str(tmp_path / "none"))["settings"]
    assert "EPP_CA_FILE" in finding["what"]
    assert "No such file" in finding["what"]
    own = Issued("client").write(tmp_path / "own.pem")
    other = Issued("other").write(tmp_path / "other.pem")
    (finding,) = doctor(status=1, **GOOD, CERT_FILE=own, KEY_FILE=other)["settings"]
    assert "EPP_CERT_FILE" in finding["what"]
    assert "belong together" in finding["what"]


def test_a_key_in_the_place_of_its_file_is_not_shown(doctor, tmp_path):
    own = Path(Issued("client").write(tmp_path / "own.pem"))
    (finding,) = doctor(status=1, **GOOD, KEY_FILE=own.read_text())["settings"]
    assert finding["what"] == "EPP_KEY_FILE holds PEM text, not a path: use EPP_KEY"


@pytest.mark.parametrize(
    ("ends", "level", "status", "words"),
    [
        (90, "ok", 0, "90 days left"),
        (5, "warning", 0, "5 days left"),
        (-3, "problem", 1, "2 days ago"),
    ],
)
def test_certificates_are_judged_by_the_days_they_have_left(
    doctor, tmp_path, ends, level, status, words
):
    own = Issued("client", begins=-9, ends=ends)
    (finding,) = doctor(
        status=status, **GOOD, CERT_FILE=own.write(tmp_path / "own.pem")
    )["certificate"]
    assert finding["level"] == level
    assert words in finding["what"]
    authority = Issued("authority", begins=-9, ends=ends, authority=True)
    (finding,) = doctor(status=status, **GOOD, CA=authority.pem.decode())["authority"]
    assert finding["level"] == level
    assert words in finding["what"]


def test_one_authority_that_lasts_is_enough(doctor, tmp_path):
    path = tmp_path / "authorities.pem"
    path.write_bytes(
        Issued("old", begins=-9, ends=-2, authority=True).pem
        + Issued("new", ends=90, authority=True).pem
    )
    (finding,) = doctor(**GOOD, CA_FILE=str(path))["authority"]
    assert finding["level"] == "ok"
    assert "subject: CN=new" in finding["details"]


def test_a_certificate_that_cannot_be_read_is_not_for_want_of_cryptography(
    doctor, tmp_path, monkeypatch
):
    # OpenSSL's own form, which it takes.
    own = Path(Issued("client").write(tmp_path / "own.pem"))
    trusted = own.read_text().replace(" CERTIFICATE-", " TRUSTED CERTIFICATE-")
    own.write_text(trusted)
    (finding,) = doctor(**GOOD, CERT_FILE=str(own))["certificate"]
    assert finding["level"] == "note"
    assert "cryptography cannot read it" in finding["what"]
    assert "install" not in finding["action"]
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "cryptography", None)
        (finding,) = doctor(**GOOD, CERT_FILE=str(own))["certificate"]
    assert "for want of cryptography" in finding["what"]
    assert "install" in finding["action"]


def test_a_switched_off_verification_is_a_warning(doctor):
    (finding,) = doctor(**GOOD, VERIFY="false")["verify"]
    assert finding["level"] == "warning"
    assert "EPP_CA_FILE" in finding["action"]


@pytest.fixture
def open_files():
    """This process may have so many open."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
    yield 512
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_pool_larger_than_the_limit_of_open_files_is_a_problem(doctor, open_files):
    for size, status, level in (
        (5, 0, "ok"),
        (open_files - 10, 0, "warning"),
        (open_files, 1, "problem"),
    ):
        (finding,) = doctor(status=status, **dict(GOOD, SIZE=str(size)))["open files"]
        assert finding["level"] == level
        assert "512" in finding["what"]


def test_how_children_are_started_is_told_as_multiprocessing_has_it():
    told = next(f for f in machine.examine(None, None) if f.name == "processes")
    assert told.level == "ok"
    method = multiprocessing.get_context().get_start_method()
    assert told.details == ["multiprocessing starts children by " + method]
