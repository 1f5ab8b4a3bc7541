"""Reads what docs/operating.md shows under *What to do when*, and compares it."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operating.md"
_TEXT = PAGE.read_text("utf-8")
_PART = _TEXT.partition("\n## What to do when\n")[2].partition("\n## ")[0]
INTRODUCTION, *_PARTS = re.split(r"^### (.*)\n", _PART, flags=re.M)
SECTIONS = dict(zip(_PARTS[::2], _PARTS[1::2]))
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w])")


def blocks(text, info):
    """The fenced blocks that begin with exactly these words."""
    return re.findall(r"^```{}\n(.*?)^```".format(info), text, re.M | re.S)


def shown(section, kind):
    """The lines of a section's blocks of a kind, such as ``logged``."""
    return [
        line
        for block in blocks(SECTIONS[section], "text " + kind)
        for line in block.splitlines()
    ]


def kinds(section):
    """The kinds of its blocks of what is seen."""
    return re.findall(r"^```text (.*)$", SECTIONS[section], re.M)


def destinations():
    """The table that leads to a section: its name to the words that lead there."""
    rows = re.findall(r"^\| (.*) \| \[(.*)\]\(#.*\) \|$", INTRODUCTION, re.M)
    return {name: re.findall(r"`([^`]+)`", cell) for cell, name in rows}


def pattern(line):
    """What a quoted line stands for.

    A zero is a zero, any other number is some number that is none, and so is a time;
    codes of EPP and the longest pause are themselves, and three dots are anything.
    """
    line = line.replace("epp.registry.example:700", "HOST")
    line = line.replace("'epp.registry.example'", "NAME")
    line = line.replace("/app/orders.py:41 in load", "PLACE")
    found, last = [], 0
    for number in NUMBER.finditer(line):
        found += [quoted(line[last : number.start()]), some(number, line)]
        last = number.end()
    found.append(quoted(line[last:]))
    return re.compile("".join(found) + r"\Z")


def quoted(text):
    text = re.escape(text).replace(r"\.\.\.", ".*").replace("PLACE", r"\S+ in \w+")
    return text.replace("HOST", r"[\w.-]+:\d+").replace("NAME", r"'[\w.-]+'")


def some(number, line):
    text = number.group()
    if re.fullmatch(r"2[0-5]\d\d|900\.0", text):
        return re.escape(text)
    if line[number.end() :].startswith(" s"):
        return r"[\d.e-]+"
    if float(text) == 0:
        return re.escape(text)
    return r"[1-9]\d*\.0" if "." in text else r"[1-9]\d*"
