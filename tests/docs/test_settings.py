"""docs/settings.md quotes what from_env() raises and logs in the words they have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("lxml")

from geventconnpool_ext.epp import EPPPool, settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"
SECTION = PAGE.read_text("utf-8").partition("\n## When something is wrong\n")[2]
PLACE = {"EPP_HOST": "localhost", "EPP_SIZE": "1"}
ACCOUNT = {"EPP_USER": "client", "EPP_PASSWORD": "password"}


def quoted():
    """The messages that the section quotes, in a block or in code within a line."""
    text, blocks = SECTION.partition("\n## ")[0], []
    for block in re.findall(r"(?:^    .*\n)+", text, re.M):
        text = text.replace(block, "")
        blocks.append(block)
    inline = [code for code in re.findall(r"`([^`]+)`", text) if " " in code]
    return [" ".join(message.split()) for message in [*blocks, *inline]]


def raised(variables):
    with pytest.raises(ValueError, match="EPP_") as caught:
        EPPPool.from_env(environ={**PLACE, **variables}, open=False)
    return str(caught.value)


@pytest.fixture
def said(logged, monkeypatch):
    """What is raised and logged where variables are as wrong as the section says."""
    monkeypatch.setattr(settings, "_reported", set())
    errors = [
        raised({"EPP_PORT": "epp"}),
        raised({**ACCOUNT, "EPP_IDLE_TIMEOUT": "300", "EPP_HELLO_INTERVAL": "300"}),
    ]
    EPPPool.from_env(
        environ={**PLACE, **ACCOUNT, "EPP_IDLE_TIMOUT": "300"}, open=False
    ).close()
    warnings = [line for line in logged if line.startswith("WARNING ")]
    return [*errors, *(line.partition(" ")[2] for line in warnings)]


def test_each_message_on_the_page_is_one_that_is_raised_or_logged(said):
    messages = quoted()
    assert len(messages) == len(said) == 3
    for message, real in zip(messages, said):
        # Three dots stand for the rest of it.
        pattern = re.escape(message).replace(r"\.\.\.", ".*")
        assert re.fullmatch(pattern, real), (message, real)
