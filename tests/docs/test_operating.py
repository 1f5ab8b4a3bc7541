"""docs/operating.md, What to do when: each thing is brought about, and then
what the page shows is what an operator sees, and its commands tell what it says."""

from __future__ import annotations

import datetime
import os
import re
import sys
from contextlib import contextmanager

import gevent
import pytest
from gevent import subprocess
from gevent.pywsgi import WSGIServer

from geventconnpool_ext import PoolError, PoolTimeout

from .. import programs
from .operating_page import (
    INTRODUCTION,
    SECTIONS,
    blocks,
    destinations,
    kinds,
    pattern,
    shown,
)

pytest.importorskip("lxml")
pytest.importorskip("trustme")

from geventconnpool_ext.epp import AmbiguousOutcome, CheckDomain, CreateDomain
from geventconnpool_ext.testing import Certificates, Fault, Limits, Registry, Server

# gevent's resolver has threads; what is forked here starts a program at once.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")

CHECK = CheckDomain("a.example")
CREATE = CreateDomain("example.com", auth_info="2fooBAR")
DAY = datetime.timedelta(days=1)


def in_vain(pool, seconds=0.1):
    """Ask in vain; return the error as a caller sees it."""
    with pytest.raises(PoolError) as caught:
        pool.send(CHECK, timeout=seconds)
    return caught.value


# -- the situations ------------------------------------------------------------------
# Each gives the pool while the thing lasts, and the error of a caller or None.


@contextmanager
def exhausted(server, make_pool):
    pool = make_pool(2, leak_after=0.2)
    with pool.get(), pool.get():
        others = [gevent.spawn(pool.send, CHECK, timeout=10) for _ in range(2)]
        gevent.sleep(0)
        error = in_vain(pool)
        assert isinstance(error, PoolTimeout)
        yield pool, error
    assert {answer.get().code for answer in others} == {1000}


@contextmanager
def down(server, make_pool):
    pool = make_pool(2)
    server.stop()
    error = in_vain(pool, 0.5)
    while "0 opening" not in str(error):
        # It gave up in the moment of a connect, not in a pause as the page shows it.
        error = in_vain(pool, 0.5)
    yield pool, error
    server.start()
    assert pool.send(CHECK).code == 1000


@contextmanager
def wrong_password(server, make_pool):
    pool = make_pool(2, password="wrong-one", wait=False)
    while pool.stats().connect_errors < 3:
        gevent.sleep(0.01)
    yield pool, in_vain(pool)
    assert pool.stats().connect_errors == 3


@contextmanager
def session_limit(server, make_pool):
    server.registry.limits = Limits(max_sessions=1)
    pool = make_pool(2, wait=False)
    while not (pool.stats().connects and pool.stats().connect_errors):
        gevent.sleep(0.01)
    yield pool, None
    assert pool.send(CHECK).code == 1000


@contextmanager
def logged_out(server, make_pool):
    pool = make_pool(2)
    server.logout_silently()
    assert pool.send(CHECK).code == 1000
    yield pool, None


@contextmanager
def logged_out_with_a_probe(server, make_pool):
    pool = make_pool(2, hello_interval=0.1, probe=CheckDomain("example.com"))
    server.logout_silently()
    yield pool, None


class ShortLived(Certificates):
    """Certificates of which the server's and the client's end so soon."""

    def __init__(self, server, client=90 * DAY):
        super().__init__()
        self._server = self._issue(server, *self.names)
        own = self._issue(client, "client.test")
        chain = b"".join(blob.bytes() for blob in own.cert_chain_pems)
        self.client_certificate_file = self._write("own.pem", chain)
        self.client_key_file = self._write("key.pem", own.private_key_pem.bytes())

    def _issue(self, left, *names):
        now = datetime.datetime.now(datetime.timezone.utc)
        begin, end = now - 90 * DAY, now + left
        return self._ca.issue_cert(*names, not_before=begin, not_after=end)


@contextmanager
def served(server, client=90 * DAY):
    """A registry whose certificates, the server's and the client's, end so soon."""
    with Server(
        Registry({"client": "password"}),
        certificates=ShortLived(server, client),
        require_client_certificate=True,
    ) as running:
        yield running
        running.certificates.close()


def client_of(server):
    from geventconnpool_ext.epp import client_factory

    certificates = server.certificates
    return client_factory(
        "localhost",
        server.port,
        ca_file=certificates.ca_file,
        cert_file=certificates.client_certificate_file,
        key_file=certificates.client_key_file,
    )


@contextmanager
def expired(server, make_pool):
    with served(-DAY) as other:
        pool = make_pool(client=client_of(other), wait=False)
        yield pool, in_vain(pool)


@contextmanager
def own_expired(server, make_pool):
    with served(90 * DAY, -DAY) as other:
        pool = make_pool(client=client_of(other), wait=False)
        yield pool, in_vain(pool)


@contextmanager
def answer_lost(server, make_pool):
    pool = make_pool(1)
    server.registry.faults.on("create", fault=Fault.drop_after_execute)
    with pytest.raises(AmbiguousOutcome) as caught:
        pool.send(CREATE)
    assert caught.value.cl_tr_ids[-1] in str(caught.value)
    yield pool, caught.value


SITUATIONS = {
    ("Exhausted pool", ""): exhausted,
    ("Registry down", ""): down,
    ("Wrong password", ""): wrong_password,
    ("Session limit", ""): session_limit,
    ("Sessions logged out silently", ""): logged_out,
    ("Sessions logged out silently", " probe"): logged_out_with_a_probe,
    ("Certificate about to expire", ""): expired,
    ("Certificate about to expire", " own"): own_expired,
    ("Lost answer", ""): answer_lost,
}
NAMES = list(dict.fromkeys(name for name, _ in SITUATIONS))


# -- what is seen --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"), SITUATIONS, ids=[name + kind for name, kind in SITUATIONS]
)
def test_what_the_page_shows_is_what_is_seen(name, kind, server, make_pool, logged):
    seen = [pattern(line) for line in shown(name, "logged" + kind)]
    assert seen
    figures = [] if kind else [pattern(line) for line in shown(name, "counted")]
    raised = [] if kind else [pattern(line) for line in shown(name, "raised")]
    with SITUATIONS[name, kind](server, make_pool) as (pool, error):
        # Lines come one after the other; ``bounded`` says how long this may take.
        while not all(any(map(line.match, logged)) for line in seen):
            gevent.sleep(0.01)
        counted = scrape(pool)
    for figure in figures:
        assert any(map(figure.match, counted)), (figure.pattern, counted)
    told = "{}: {}".format(type(error).__name__, error)
    for line in raised:
        assert line.match(told)
    leading = destinations()[name]
    found = "\n".join([*logged, told])
    assert any(word.replace("...", "").strip() in found for word in leading) or any(
        all(part in found for part in word.split(" ... ")) for word in leading
    )


def scrape(pool):
    """The lines of the metrics."""
    pytest.importorskip("prometheus_client")
    from prometheus_client import CollectorRegistry, generate_latest

    from geventconnpool_ext.contrib.prometheus import PoolCollector

    metrics = CollectorRegistry()
    PoolCollector(pool, registry=metrics)
    return generate_latest(metrics).decode().splitlines()


def test_a_pattern_tells_figures_that_matter_apart():
    line = pattern("(size 5: 0 idle, 5 in use) of epp.registry.example:700")
    assert line.match("(size 2: 0 idle, 2 in use) of localhost:7001")
    assert not line.match("(size 2: 1 idle, 2 in use) of localhost:7001")
    assert not line.match("(size 2: 0 idle, 0 in use) of localhost:7001")
    assert not pattern("was answered by 2002").match("was answered by 2200")
    assert not pattern("idle 0.0").match("idle 1.0")


def test_every_block_of_what_is_seen_is_compared():
    for section in SECTIONS:
        for kind in kinds(section):
            word, _, rest = kind.partition(" ")
            assert word in ("logged", "counted", "raised"), kind
            assert (section, " " + rest if rest else "") in SITUATIONS, kind


def test_each_thing_has_cause_proof_remedy_and_end_in_this_order():
    parts = ["**You see**", "**Cause.**", "**Make sure", "**Do.**", "**It is over"]
    assert list(SECTIONS)[: len(NAMES)] == NAMES
    for name in NAMES:
        places = [SECTIONS[name].find(part) for part in parts]
        assert -1 not in places, name
        assert places == sorted(places), name


def test_the_first_table_leads_to_every_section():
    assert set(destinations()) == set(SECTIONS)


# -- its commands --------------------------------------------------------------------


def command(name, containing):
    """The only command of a section, or of the introduction, that contains this."""
    text = INTRODUCTION if name is None else SECTIONS[name]
    (found,) = [block for block in blocks(text, "sh") if containing in block] or [""]
    assert found, containing
    return found


def run(line, **variables):
    """Run a command of the page; return its status and what it wrote."""
    where = os.path.dirname(sys.executable)
    process = subprocess.Popen(
        ["sh", "-c", line],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(os.environ, PATH=where + os.pathsep + os.environ["PATH"], **variables),
    )
    written = process.communicate()[0].decode("utf-8", "replace")
    return process.returncode, written


@pytest.fixture
def settings(server, tmp_path):
    """The variables of the page's commands."""
    password = tmp_path / "password"
    password.write_text("password")
    return {
        "HOST": "localhost",
        "PORT": str(server.port),
        "CA_FILE": server.certificates.ca_file,
        "CLIENT": "client",
        "PASSWORD_FILE": str(password),
    }


def test_the_variables_that_the_commands_need_are_named():
    named = set(re.findall(r"(\w+)=", "".join(blocks(INTRODUCTION, "sh"))))
    used = {
        variable
        for section in [INTRODUCTION, *SECTIONS.values()]
        for block in blocks(section, "sh")
        for variable in re.findall(r"\$(\w+)", block)
    }
    assert used - {"NF"} == named  # NF is of awk


def test_ping_tells_a_registry_that_is_down_from_one_that_is_not(server, settings):
    line = command("Registry down", "ping")
    assert run(line, **settings)[0] == 0
    server.stop()
    assert run(line, **settings)[0] == 1


@pytest.mark.parametrize(
    ("name", "code"), [("Wrong password", "2200"), ("Session limit", "2502")]
)
def test_ping_with_a_login_tells_why_there_is_none(
    name, code, server, registry, settings, make_pool
):
    line = command(name, "ping")
    status, written = run(line, **settings)
    assert status == 0, written
    if code == "2200":
        registry.accounts["client"].password = "another-one"
    else:
        registry.limits = Limits(max_sessions=1)
        make_pool(1)
    status, written = run(line, **settings)
    assert status == 1
    assert code in written


def test_a_certificate_s_days_are_told_by_ping(settings):
    with served(9 * DAY + DAY / 2) as other:
        options = '--cert "$CERT_FILE" --key "$KEY_FILE"\n'
        line = command("Certificate about to expire", "ping").rstrip("\n")
        certificates = other.certificates
        _, written = run(
            line + " " + options,
            HOST="localhost",
            PORT=str(other.port),
            CA_FILE=certificates.ca_file,
            CERT_FILE=certificates.client_certificate_file,
            KEY_FILE=certificates.client_key_file,
        )
    assert re.search(r"\b9 days left", written), written


def test_the_ping_shown_ends_before_the_login_and_takes_its_options(server, settings):
    line = command("Registry down", "ping")
    server.registry.accounts["client"].password = "another-one"
    assert run(line, **settings)[0] == 0
    options = re.search(r"`(--user [^`]*)`", SECTIONS["Registry down"]).group(1)
    options = re.sub(r"\s+", " ", options)
    assert run(line.rstrip("\n") + " " + options, **settings)[0] == 1


@pytest.mark.parametrize("days", [9, 30])
def test_openssl_warns_of_either_certificate_14_days_before(days):
    programs.need("openssl")
    name = "Certificate about to expire"
    with served(days * DAY, days * DAY) as other:
        variables = {
            "HOST": "localhost",
            "PORT": str(other.port),
            "CERT_FILE": other.certificates.client_certificate_file,
            "CA_FILE": other.certificates.client_certificate_file,
        }
        for part in ("s_client", "CERT_FILE", '-in "$CA_FILE"'):
            status, written = run(command(name, part), **variables)
            assert (status == 0) == (days >= 14)
            assert "notAfter=" in written


def test_openssl_shows_no_date_where_there_is_no_certificate(server):
    programs.need("openssl")
    name, port = "Certificate about to expire", server.port
    server.stop()
    line = command(name, "s_client")
    status, written = run(line, HOST="localhost", PORT=str(port))
    server.start()
    assert status != 0
    assert "notAfter=" not in written


@contextmanager
def scraped(*pools):
    """The address of an endpoint that shows these pools."""
    pytest.importorskip("prometheus_client")
    from prometheus_client import CollectorRegistry, make_wsgi_app

    from geventconnpool_ext.contrib.prometheus import PoolCollector, PrometheusHooks

    metrics = CollectorRegistry()
    PoolCollector(*pools, registry=metrics)
    PrometheusHooks("epp", registry=metrics).held_for(1.0)
    endpoint = WSGIServer(("127.0.0.1", 0), make_wsgi_app(metrics), log=None)
    endpoint.start()
    try:
        yield "http://127.0.0.1:{}/metrics".format(endpoint.server_port)
    finally:
        endpoint.stop()


def metrics_named(text):
    """The metrics that a text names."""
    return set(
        re.findall(
            r"`(\w+_total|hold_duration_seconds_\w+|(?:max|min)_connections"
            r"|waiting_callers)`",
            text,
        )
    )


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        ("Exhausted pool", 'connections{pool="epp",state="in_use"} 2.0'),
        ("Sessions logged out silently", 'reason="session_gone"} 1.0'),
    ],
)
def test_one_command_shows_every_figure_that_the_sections_name(
    name, figure, server, make_pool
):
    programs.need("curl")
    with SITUATIONS[name, ""](server, make_pool) as (pool, _):
        # A reason that never occurred is left out.
        pool.release(pool.acquire(), discard=True) if pool.stats().idle else None
        with scraped(pool) as address:
            status, written = run(command(None, "curl"), METRICS=address)
    assert status == 0, written
    assert figure in written
    assert "# HELP" not in written
    assert "_bucket" not in written
    assert len(written.splitlines()) < 40
    named = metrics_named("".join(SECTIONS.values()))
    assert len(named) > 6
    for metric in named - {"discarded_total"}:
        assert "geventconnpool_ext_{}{{".format(metric) in written


def test_the_connections_of_all_processes_are_added_up(server, make_pool):
    programs.need("curl")
    pool = make_pool(2)
    with scraped(pool) as first, scraped(pool) as second:
        line = command("Session limit", "awk")
        assert run(line, METRICS=first)[1].split() == ["2"]
        assert run(line, METRICS=first + " " + second)[1].split() == ["4"]


def test_a_signal_is_found_in_the_source(tmp_path):
    source = "gevent.signal_handler(signal.SIGUSR2, adjust)\n"
    (tmp_path / "program.py").write_text(source)
    line = 'cd "$PROGRAM"\n' + command("Wrong password", "grep")
    status, written = run(line, PROGRAM=str(tmp_path))
    assert status == 0
    assert "SIGUSR2" in written


# -- what it says about a wrong password and a lost answer -----------------------------


def test_refused_logins_have_a_line_each_and_a_password_mended_heals_by_itself(
    server, registry, make_pool, logged
):
    registry.accounts["client"].password = "another-one"
    pool = make_pool(2, wait=False, login_retry_after=0.2)
    while pool.stats().connect_errors < 4:
        gevent.sleep(0.01)
    refused = [line for line in logged if "LoginRejected" in line]
    rows = [int(re.search(r"\((\d+) in a row", line).group(1)) for line in refused]
    assert rows == [1, 2, 3, 4]
    registry.accounts["client"].password = "password"
    # wait() would raise at once, as any caller's get().
    with gevent.Timeout(5):
        while pool.stats().idle < 2:
            gevent.sleep(0.01)


def test_a_caller_who_is_timed_out_by_the_program_leaves_the_outcome_open(
    registry, make_pool, logged
):
    pool = make_pool(1)
    registry.faults.on("create", fault=Fault.stall_after_execute)
    with pytest.raises(gevent.Timeout), gevent.Timeout(0.2):
        pool.send(CREATE)
    assert any("discarded: interrupted" in line for line in logged)
    assert pool.send(CREATE).code == 2302


@pytest.mark.parametrize(
    ("owner", "code", "sponsor"),
    [
        ("client", "1000", "client"),
        ("another", "1000", "another"),
        (None, "2303", None),
    ],
)
def test_info_tells_ours_from_somebody_else_s_and_from_none(
    owner, code, sponsor, server, registry, settings, make_pool
):
    (program,) = blocks(SECTIONS["Lost answer"], "python outcome")
    if owner is not None:
        if owner != "client":
            registry.add_account(owner, "password")
        other = make_pool(1, client_id=owner)
        assert other.send(CREATE).code == 1000
        other.close()
    variables = {
        "EPP_HOST": "localhost",
        "EPP_PORT": settings["PORT"],
        "EPP_CA_FILE": settings["CA_FILE"],
        "EPP_USER": "client",
        "EPP_PASSWORD_FILE": settings["PASSWORD_FILE"],
        "PROGRAM": program,
    }
    status, written = run('python -c "$PROGRAM"', **variables)
    assert status == 0, written
    assert written.startswith(code)
    assert "clID {}\n".format(sponsor) in written
    if owner is not None:
        date = re.search(r"crDate (\S+)", written).group(1)
        now = datetime.datetime.now(datetime.timezone.utc)
        assert date.startswith(str(now.year))


LOSE_A_CONNECTION = """
from geventconnpool_ext import ConnectionPool

class Connection:
    pass

pool = ConnectionPool(1, connect=Connection, name="orders")
try:
    with pool.get():
        raise OSError
except OSError:
    pass
pool.close()
"""


def test_with_the_page_s_lines_the_log_shows_info():
    (lines,) = blocks(INTRODUCTION, "python logging")
    quiet, loud = (
        subprocess.check_output(
            [sys.executable, "-c", code + LOSE_A_CONNECTION], stderr=subprocess.STDOUT
        )
        for code in ("", lines)
    )
    assert quiet == b""
    assert b" INFO orders: connection discarded: error" in loud
