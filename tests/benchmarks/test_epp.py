"""The EPP benchmarks: each measures what it says. How fast is no test's business."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import gevent
import pytest
from gevent import socket

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    # Last, so that the package under test stays the installed one.
    sys.path.append(str(ROOT))

pytest.importorskip("lxml")
pytest.importorskip("trustme")

from benchmarks import files, options  # noqa: E402
from benchmarks import page as page_module  # noqa: E402
from benchmarks.epp import framing, parsing  # noqa: E402
from benchmarks.epp.__main__ import main  # noqa: E402
from benchmarks.epp.driving import rate_in, rate_of  # noqa: E402
from benchmarks.epp.registry import HOST, RegistryProcess, login  # noqa: E402
from benchmarks.epp.relay import Relay  # noqa: E402
from benchmarks.epp.scenario import QUICK, Effort, take_turns  # noqa: E402
from benchmarks.epp.scenarios import NAMES, load  # noqa: E402
from benchmarks.epp.senders import SENDERS  # noqa: E402
from benchmarks.epp.trust import whole_bundle  # noqa: E402
from benchmarks.results import Case, Results, Sample  # noqa: E402
from geventconnpool_ext.epp import CheckDomain, client_factory  # noqa: E402
from geventconnpool_ext.epp.framing import encode  # noqa: E402
from geventconnpool_ext.epp.session import Session  # noqa: E402


@pytest.fixture(scope="module")
def registry():
    """A registry that answers at once."""
    with RegistryProcess() as running:
        yield running


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_runs_and_says_what_it_measures(name, tmp_path, capsys):
    assert main([name, "--quick", "--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    scenario = load(name)
    assert printed.startswith(f"## {scenario.title}\n")
    assert scenario.measures.split(".")[0] in " ".join(printed.split())
    assert f"\n    nox -s bench -- epp {name}" in printed
    kept = json.loads((tmp_path / "epp.json").read_text("utf-8"))
    assert list(kept["scenarios"]) == list(kept["about"]) == [name]
    assert kept["scenarios"][name]["cases"]


@pytest.mark.timeout(60)
def test_a_whole_run_writes_the_page_and_shows_again_what_it_kept(tmp_path, capsys):
    name = "epp-writing"
    page = tmp_path / "performance.md"
    marks = "<!-- benchmark {}: begin -->\nold\n<!-- benchmark {}: end -->\n"
    page.write_text(marks.format(name, name), encoding="utf-8")
    where = ["--rounds", "1", "--output", str(tmp_path), "--docs", str(tmp_path)]
    assert main([name, *where]) == 0
    first = capsys.readouterr().out
    assert "| TLS records / commands " in page.read_text("utf-8")
    assert "old" not in page.read_text("utf-8")
    kept = tmp_path / "kept.json"
    (tmp_path / "epp.json").rename(kept)
    assert main(["--results", str(kept), *where]) == 0
    assert capsys.readouterr().out == first
    assert not (tmp_path / "epp.json").exists()


def test_the_values_are_kept_for_pyperf(tmp_path):
    pyperf = pytest.importorskip("pyperf", reason="it comes with `bench`")
    for name in ("epp-parsing", "epp-writing"):
        assert main([name, "--quick", "--output", str(tmp_path)]) == 0
        suite = pyperf.BenchmarkSuite.load(str(tmp_path / "epp-pyperf.json"))
        cases = json.loads((tmp_path / "epp.json").read_text("utf-8"))["scenarios"]
        assert len(suite) == len(cases[name]["cases"])
        for benchmark in suite.get_benchmarks():
            assert benchmark.get_name().startswith(f"{name}: ")
            assert benchmark.get_unit() == load(name).unit


def test_a_quick_run_does_not_take_the_place_of_a_long_one(tmp_path, monkeypatch):
    monkeypatch.setattr(options, "OUTPUT", tmp_path)
    assert main(["epp-framing", "--quick"]) == 0
    assert (tmp_path / "quick" / "epp.json").exists()
    assert not (tmp_path / "epp.json").exists()


def test_an_unknown_scenario_is_refused_with_the_names_there_are(capsys):
    with pytest.raises(SystemExit):
        main(["epp-nothing"])
    assert "epp-throughput" in capsys.readouterr().err


def test_turns_go_forwards_and_backwards_and_the_first_does_not_count():
    taken = []

    def sample(case):
        taken.append(case.peer)
        return Sample(float(len(taken)), {})

    results = Results()
    take_turns(results, [Case("a"), Case("b")], Effort(False, rounds=2), sample)
    assert taken == ["b", "a", "a", "b", "b", "a"]
    assert results.values(Case("a")) == [3.0, 6.0]
    assert results.values(Case("b")) == [4.0, 5.0]


class Answered:
    code = 1000


def test_a_rate_is_of_exactly_the_commands_that_were_asked_for():
    sent = []

    def send(command):
        sent.append(command)
        gevent.sleep(0.001)
        return Answered

    assert rate_of(send, 3, 10) > 0
    assert len(sent) == 10


def test_a_rate_counts_what_was_sent_until_the_time_was_over():
    sent = []

    def send(command):
        sent.append(command)
        gevent.sleep(0.05)
        return Answered

    # Two clients, a command each, and then the time is over.
    rate_in(send, 2, 0.02)
    assert 1 <= len(sent) <= 2
    sent.clear()
    assert rate_in(send, 2, 0) > 0
    assert len(sent) == 1


def test_a_command_that_is_refused_fails_the_benchmark():
    class Refused:
        code = 2002

    with pytest.raises(RuntimeError, match="2002"):
        rate_of(lambda command: Refused, 1, 1)


@pytest.mark.parametrize("name", SENDERS)
def test_each_way_to_send_is_answered(name, registry):
    with SENDERS[name](registry, 2) as send:
        assert rate_of(send, 4, 8) > 0


class Slow:
    """A registry whose connects take a while, counted: *most* at a time."""

    def __init__(self, registry):
        self.most = self._now = 0
        self._make = registry.connect()

    def connect(self):
        return lambda: SlowClient(self, self._make())

    def begin(self):
        self._now += 1
        self.most = max(self.most, self._now)
        gevent.sleep(0.05)

    def end(self):
        self._now -= 1


class SlowClient:
    def __init__(self, slow, client):
        self._slow, self._client = slow, client

    def connect(self):
        self._slow.begin()
        try:
            return self._client.connect()
        finally:
            self._slow.end()

    def __getattr__(self, name):
        return getattr(self._client, name)


def test_a_connection_per_command_is_made_by_as_many_at_once_as_it_says(registry):
    slow = Slow(registry)
    with SENDERS["connection"](slow, 5) as send:
        rate_of(send, 5, 10)
    assert slow.most == 5


def test_the_relay_counts_each_write_of_a_client(registry):
    with Relay(registry.port) as relay:
        connect = client_factory(HOST, relay.port, ca_file=registry.ca_file)
        session = Session(connect(), login)
        session.start()
        before = relay.records
        session.send(CheckDomain("a.example"))
        assert relay.records - before == 1
        # As a client would that writes length and body apart.
        unit = encode(CheckDomain("a.example").xml("ABC-12345"))
        sock = session.client.socket
        sock.sendall(unit[:4])
        sock.sendall(unit[4:])
        sock.recv(1000)
        assert relay.records - before == 3
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        session.close()


@pytest.mark.parametrize("name", framing.PEERS)
@pytest.mark.parametrize("size", [1020, 1024, 70_000])
def test_each_way_to_put_an_answer_together_gives_the_whole_of_it(name, size):
    pieces = framing.cut(encode(b"x" * size, 2 * size))
    assert framing.PEERS[name](pieces, size) == size


def test_both_parsers_are_asked_for_the_same():
    asked = {"a.example": True, "b.example": False}
    assert parsing.PEERS["ours"]()(parsing.answer(asked)) == asked


@pytest.fixture
def without_epplib(monkeypatch):
    """As where epplib is not installed."""
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "epplib" else find_spec(name, *more),
    )


def test_epplib_is_left_out_with_a_reason_where_it_is_not_installed(without_epplib):
    results = load("epp-parsing").measure(QUICK)
    assert results.peers == ["ours"]
    assert "not on PyPI" in results.missing["epplib"]


def test_a_run_without_epplib_leaves_its_row_on_the_page_and_says_so(
    without_epplib, tmp_path, capsys
):
    page = tmp_path / "performance.md"
    page.write_text((ROOT / "docs" / "performance.md").read_text("utf-8"), "utf-8")
    before = page.read_text("utf-8")
    where = ["--output", str(tmp_path), "--docs", str(tmp_path)]
    assert main(["epp-parsing", "--rounds", "1", *where]) == 0
    assert page.read_text("utf-8") == before
    shown = capsys.readouterr()
    assert "    nox -s bench -- epp epp-parsing\n" in shown.out
    assert "Not measured: epplib, " in shown.out
    assert "epp-parsing: the page keeps what it has" in shown.err


def test_a_run_with_epplib_names_the_option_that_it_needs(tmp_path, capsys):
    results = Results()
    for peer in ("ours", "epplib"):
        for number in parsing.ASKED:
            results.add(Case(peer, number), 0, Sample(1e-5, {}))
    versions = {"epplib": "1.0.0 at 0123456789ab"}
    about = {"versions": versions, "effort": "1 round.", "date": "today"}
    run = {"about": {"epp-parsing": about}, "scenarios": {"epp-parsing": results}}
    files.dump(run, tmp_path / "kept.json")
    page = tmp_path / "performance.md"
    page.write_text((ROOT / "docs" / "performance.md").read_text("utf-8"), "utf-8")
    where = ["--output", str(tmp_path), "--docs", str(tmp_path)]
    kept = ["--results", str(tmp_path / "kept.json")]
    assert main(["epp-parsing", *kept, *where]) == 0
    shown = capsys.readouterr().out
    assert "    nox -s bench -- epp epp-parsing --epplib-source DIR\n" in shown
    assert "epplib 1.0.0 at 0123456789ab" in shown
    assert shown.partition("\n\n")[2].strip() in page.read_text("utf-8")


def test_the_whole_bundle_holds_the_registrys_authority(registry):
    own = Path(registry.ca_file).read_bytes()
    with whole_bundle(registry.ca_file) as (path, number):
        bundle = Path(path).read_bytes()
        assert own in bundle
        assert bundle.count(b"BEGIN CERTIFICATE") == number >= 1
        client = registry.connect(ca_file=path)()
        client.connect()
        client.close()
    assert not Path(path).exists()


@pytest.mark.parametrize("name", NAMES)
def test_the_page_has_a_place_for_each_scenario(name):
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    lines = page_module.replaced(page, name, ["found"])
    assert f"<!-- benchmark {name}: begin -->\n\nfound\n" in lines
    part = page.split(f"<!-- benchmark {name}: begin")[1].split(f"{name}: end")[0]
    command = " ".join(["nox -s bench -- epp", name, *load(name).needs])
    assert f"    {command}\n" in part
