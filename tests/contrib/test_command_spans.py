"""A span for each EPP command, which tells what went on and nothing personal."""

from __future__ import annotations

import gevent
import pytest

pytest.importorskip("lxml")
pytest.importorskip("trustme")
pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from geventconnpool_ext import PoolTimeout
from geventconnpool_ext.contrib.opentelemetry import CommandSpans
from geventconnpool_ext.epp import (
    AmbiguousOutcome,
    CheckDomain,
    CreateDomain,
    InfoDomain,
    PollRequest,
)
from geventconnpool_ext.testing import Fault

AUTH_INFO = "newSecret1"


@pytest.fixture
def exporter():
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter):
    made = TracerProvider()
    made.add_span_processor(SimpleSpanProcessor(exporter))
    yield made
    made.shutdown()


@pytest.fixture
def traced(epp_pool, provider):
    """A pool of one session whose commands make spans."""

    def make(**options):
        spans = CommandSpans(
            tracer_provider=provider, attributes={"server.address": "epp.example"}
        )
        pool = epp_pool(1, hooks=spans, name="traced", **options)
        pool.wait(timeout=5)
        return pool

    return make


def only(exporter):
    (span,) = exporter.get_finished_spans()
    return span


@pytest.mark.parametrize("kind", ["pool", "null"])
def test_a_command_is_told_by_what_it_asks_and_its_answer(traced, exporter, kind):
    answer = traced(kind=kind).send(CheckDomain("own.example"))
    span = only(exporter)
    assert span.name == "EPP domain check"
    assert span.kind is SpanKind.CLIENT
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes) == {
        "db.client.connection.pool.name": "traced",
        "server.address": "epp.example",
        "epp.command": "check",
        "epp.object": "domain",
        "epp.result_code": 1000,
        "epp.cl_tr_id": answer.cl_tr_id,
        "epp.sv_tr_id": answer.sv_tr_id,
    }


def test_a_command_without_an_object_is_told_by_its_op(traced, exporter):
    traced().send(PollRequest())
    span = only(exporter)
    assert span.name == "EPP poll req"
    assert span.attributes["epp.op"] == "req"
    assert "epp.object" not in span.attributes
    assert span.attributes["epp.result_code"] == 1300


def test_a_span_lasts_as_long_as_the_command_with_its_wait(traced, exporter):
    pool = traced()
    with pool.get():
        sending = gevent.spawn(pool.send, CheckDomain("own.example"))
        gevent.sleep(0.2)
    sending.get(timeout=5)
    span = only(exporter)
    assert 0.2e9 <= span.end_time - span.start_time < 5e9


def test_a_span_belongs_to_the_one_around_it(traced, exporter, provider):
    pool = traced()
    with provider.get_tracer("test").start_as_current_span("request") as request:
        pool.send(CheckDomain("own.example"))
    inner = next(s for s in exporter.get_finished_spans() if s.name != "request")
    assert inner.parent.span_id == request.get_span_context().span_id


def test_a_refusal_is_an_answer_and_no_error(traced, exporter):
    traced().send(InfoDomain("absent.example"))
    span = only(exporter)
    assert span.attributes["epp.result_code"] == 2303
    assert span.status.status_code is StatusCode.UNSET


def test_a_registry_that_fails_is_an_error(traced, exporter, plan):
    plan.on("check", fault=Fault.answer_2400)
    traced().send(CheckDomain("own.example"))
    span = only(exporter)
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"] == "2400"


def test_a_replay_is_one_span_with_every_cl_tr_id(traced, exporter, plan):
    pool = traced()
    plan.on("check", fault=Fault.drop_after_execute)
    answer = pool.send(CheckDomain("own.example"))
    span = only(exporter)
    assert span.attributes["epp.cl_tr_id"] == answer.cl_tr_id
    (earlier,) = span.attributes["epp.earlier_cl_tr_ids"]
    assert earlier != answer.cl_tr_id
    assert span.status.status_code is StatusCode.UNSET


def test_an_ambiguous_outcome_is_an_error_with_its_cl_tr_id(traced, exporter, plan):
    pool = traced()
    plan.on("create", fault=Fault.drop_after_execute)
    with pytest.raises(AmbiguousOutcome) as caught:
        pool.send(CreateDomain("new.example", auth_info=AUTH_INFO))
    span = only(exporter)
    assert span.name == "EPP domain create"
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"] == (
        "geventconnpool_ext.epp.errors.AmbiguousOutcome"
    )
    assert span.attributes["epp.lost_by"]
    assert (span.attributes["epp.cl_tr_id"],) == caught.value.cl_tr_ids
    assert "epp.result_code" not in span.attributes


def test_a_command_that_got_no_session_is_an_error(traced, exporter):
    pool = traced()
    with pool.get(), pytest.raises(PoolTimeout):
        pool.send(CheckDomain("own.example"), timeout=0.05)
    span = only(exporter)
    assert span.attributes["error.type"] == "geventconnpool_ext.errors.PoolTimeout"
    assert "epp.cl_tr_id" not in span.attributes


def test_a_kill_ends_the_span(traced, exporter):
    pool = traced()
    with pool.get():
        sending = gevent.spawn(pool.send, CheckDomain("own.example"))
        gevent.sleep(0.05)
        sending.kill()
    span = only(exporter)
    assert span.status.status_code is StatusCode.ERROR
    assert span.attributes["error.type"].endswith("GreenletExit")


def test_nothing_that_a_command_holds_is_in_its_span(traced, exporter, plan):
    pool = traced()
    pool.send(CreateDomain("secret-name.example", auth_info=AUTH_INFO))
    # The registry's text quotes what it was asked for.
    pool.send(CreateDomain("secret-name.example", auth_info=AUTH_INFO))
    pool.send(InfoDomain("secret-name.example", auth_info="wrongSecret1"))
    plan.on("create", fault=Fault.drop_after_execute)
    with pytest.raises(AmbiguousOutcome):
        pool.send(CreateDomain("secret-other.example", auth_info=AUTH_INFO))
    spans = exporter.get_finished_spans()
    assert len(spans) == 4
    for span in spans:
        told = span.to_json()
        assert "ecret" not in told
        assert "password" not in told
        assert span.events == ()
