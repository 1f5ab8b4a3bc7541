"""Reads docs/contingency.md as what it is: commands, in order, and what they say.

A fenced block is a step; so is a stage direction, an HTML comment that no reader
sees: ``<!-- test: publish gevent 26.10.1 -->`` says what happened in the world
before the next command. Nothing is run here.
"""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["TEXT", "Step", "block", "named_file", "sections", "steps"]

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "contingency.md").read_text(
    "utf-8"
)
_STEP = re.compile(
    r"^```(?P<language>\w+)\n(?P<body>.*?)^```$"
    r"|^<!-- test: (?P<direction>.*?) -->$",
    re.M | re.S,
)


class Step:
    """One block: ``language`` and ``body``; a direction's language is ``test``."""

    def __init__(self, language, body, line):
        self.language = language
        self.body = body
        self.line = line

    def __repr__(self):
        return "docs/contingency.md:{}: {}".format(self.line, self.body.strip())


def sections():
    """Each heading of the second rank with the text below it, in order."""
    parts = re.split(r"^## (.*)\n", TEXT, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def steps(section):
    """The steps of one section, in order."""
    text = sections()[section]
    first = TEXT[: TEXT.index("## {}\n".format(section))].count("\n") + 2
    found = []
    for match in _STEP.finditer(text):
        line = first + text[: match.start()].count("\n")
        if match["direction"] is not None:
            found.append(Step("test", match["direction"], line))
        else:
            found.append(Step(match["language"], match["body"], line))
    return found


def block(section, language, containing=""):
    """The body of the only block of this language that contains this text."""
    (body,) = (
        step.body
        for step in steps(section)
        if step.language == language and containing in step.body
    )
    return body


def named_file(step):
    """The name that a block's first line, a comment, gives its file; and the lines."""
    first, _, lines = step.body.partition("\n")
    assert first.startswith("# "), "{} does not name its file".format(step)
    return first[2:], lines
