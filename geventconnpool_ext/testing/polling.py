"""Poll (RFC 5730 section 2.9.2.3): one message at a time, kept until acknowledged."""

from __future__ import annotations

from .answers import Answer, date, element
from .repository import Repository
from .requests import Refused, Request

__all__ = ["poll"]


def poll(repository: Repository, client_id: str, request: Request) -> Answer:
    """Show the oldest message, or remove one."""
    assert request.body is not None
    if request.op == "req":
        return _show(repository, client_id)
    if request.op != "ack":
        raise Refused(2004 if request.op else 2003, None, "op is req or ack")
    message_id = request.body.get("msgID")
    if not message_id:
        raise Refused(2003, None, "msgID is required")
    queue = repository.queue(client_id)
    if queue.pop(message_id, None) is None:
        raise Refused(2303, None, "no such message")
    left = ""
    if queue:
        attributes = ("count", str(len(queue))), ("id", next(iter(queue)))
        left = element("msgQ", "", attributes)
    return Answer(1000, queue=left, effect="acknowledged " + message_id)


def _show(repository: Repository, client_id: str) -> Answer:
    queue = repository.queue(client_id)
    if not queue:
        return Answer(1300)
    message = next(iter(queue.values()))
    shown = '<msgQ count="{}" id="{}"><qDate>{}</qDate>{}</msgQ>'.format(
        len(queue),
        message.message_id,
        date(message.queued),
        element("msg", message.text),
    )
    return Answer(1301, message.data, queue=shown)
