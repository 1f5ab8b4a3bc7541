"""Reads docs/migrating.md and docs/drop-in.md, and runs their code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "migrating.md"
TEXT = PAGE.read_text("utf-8")
DROP_IN = (ROOT / "docs" / "drop-in.md").read_text("utf-8")


def section(title, text=TEXT):
    """What stands below a heading, up to the next one of its rank or above."""
    found = re.search(r"^(#+) {}\n".format(re.escape(title)), text, re.M)
    assert found, title
    rank = len(found.group(1))
    rest = text[found.end() :]
    end = re.search(r"^#{{1,{}}} ".format(rank), without_blocks(rest), re.M)
    return rest[: end.start()] if end else rest


def without_blocks(text):
    """The text with its code blanked, in place: a # there is no heading."""
    return re.sub(
        r"^```.*?^```",
        lambda block: re.sub(r"[^\n]", " ", block.group()),
        text,
        flags=re.M | re.S,
    )


def code_in(title, language="python", text=TEXT):
    """The code blocks of a section."""
    fence = r"^```{}\n(.*?)^```".format(re.escape(language))
    return re.findall(fence, section(title, text), re.M | re.S)


def rows(title):
    """The rows of a section's table, each a list of cells."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines[2:]
        if not set(line) <= set("|- ")
    ]


def quoted(text):
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def run(code, server, **names):
    """Run a block of the page; return the names it has defined."""
    names.update(
        __name__="example",
        PORT=server.port,
        CA_FILE=server.certificates.ca_file,
        PASSWORD="password",
    )
    exec(compile(code, str(PAGE), "exec"), names)
    return names
