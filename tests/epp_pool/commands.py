"""The commands of these tests: one of each kind, as bytes a program could hold.

The objects they are about are those of the ``registry`` fixture.
"""

from __future__ import annotations

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"


def command(inside, tr_id="MINE-0001"):
    """A command with a clTRID of its own, which the pool must replace."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><epp xmlns="{}"><command>{}'
        "<clTRID>{}</clTRID></command></epp>".format(EPP, inside, tr_id)
    ).encode()


def domain(verb, inside, op=""):
    """A command about a domain."""
    return command(
        '<{0}{1}><d:{0} xmlns:d="{2}">{3}</d:{0}></{0}>'.format(
            verb, op and ' op="{}"'.format(op), DOMAIN, inside
        )
    )


def pw(secret):
    """An authInfo."""
    return "<d:authInfo><d:pw>{}</d:pw></d:authInfo>".format(secret)


OWN = "<d:name>own.example</d:name>"
FOREIGN = "<d:name>foreign.example</d:name>"

SAFE = {
    "check": domain("check", OWN),
    "info": domain("info", OWN),
    "poll request": command('<poll op="req"/>'),
    "transfer query": domain("transfer", FOREIGN + pw("foreignSecret1"), "query"),
}
"""What may be repeated after a lost exchange."""

UNSAFE = {
    "create": domain("create", "<d:name>new.example</d:name>" + pw("newSecret1")),
    "update": domain("update", OWN + "<d:chg>" + pw("changed1") + "</d:chg>"),
    "delete": domain("delete", OWN),
    "renew": domain("renew", OWN + "<d:curExpDate>{expires}</d:curExpDate>"),
    "transfer": domain("transfer", FOREIGN + pw("foreignSecret1"), "request"),
    "poll ack": command('<poll op="ack" msgID="{message}"/>'),
}
"""What may not; ``prepared`` fills in what only the registry knows."""

VERBS = {"poll request": "poll", "poll ack": "poll", "transfer query": "transfer"}


def verb_of(name):
    """The EPP verb of one of these commands."""
    return VERBS.get(name, name)


def prepared(name, registry):
    """The command *name*, so that *registry* would carry it out."""
    data = {**SAFE, **UNSAFE}[name]
    if name == "renew":
        expires = registry.domains["own.example"].expires.strftime("%Y-%m-%d")
        data = data.replace(b"{expires}", expires.encode())
    if name == "poll ack":
        message = registry.enqueue("client", "a message")
        data = data.replace(b"{message}", message.encode())
    return data
