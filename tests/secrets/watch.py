"""Looks at everything the suite makes visible, for the secrets it uses.

A fixture in ``tests/conftest.py`` keeps this watch over every test: every log record
at every level, every ``PoolError`` made by whomever, and every exception that a
``pytest.raises`` caught, with its causes. Not seen: what child processes print.

The secrets are read from the tests' own sources, so those of a new test are searched
for without anybody naming them here.
"""

from __future__ import annotations

import logging
import re
import traceback
from pathlib import Path
from typing import Any, List, Set

import pytest

from geventconnpool_ext import PoolError

TESTS = Path(__file__).resolve().parent.parent

USES = re.compile(
    r"""(?:<(?:\w+:)?(?:pw|newPW)>
        | \b(?:auth_info|password|new_password|key_password)\s*=\s*["']
        | \b\w*(?:PASSWORD|SECRET|AUTH_INFO)\w*\s*=\s*["']
        | \bLogin\(\s*["'][^"']*["'],\s*["']
        | \bauthInfo\W+\w*\(\s*["'])
        ([^"'<>{}\s]{6,})""",
    re.VERBOSE,
)
"""Where a source says what a secret is."""

NAMES = re.compile(r"""["']((?=\w*\d)\w*(?:[Ss]ecret|[Pp]assword)\w*)["']""")
"""Strings that say themselves that they are secrets."""

WORDS = {"password", "secret", "not-the-word"}
"""Secrets that are also words of every text; only their forms can be looked for."""

FORMS = re.compile(
    r"<(?:\w+:)?(?:pw|newPW)>[^<]"
    r"|\b(?:new_|key_)?password=(?!None|\.\.\.)['\"]"
    r"|\bauth_info=(?!None|\.\.\.)['\"]"
)
"""How a secret looks in what a request or its repr would show."""


def used_in(directory: Path) -> Set[str]:
    """Return the secrets that the sources below *directory* use."""
    found: Set[str] = set()
    for path in directory.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        found.update(USES.findall(text), NAMES.findall(text))
    return found - WORDS


class Watch(logging.Handler):
    """Collects the leaks of one test; *secrets* is what it looks for."""

    def __init__(self, secrets: Set[str]) -> None:
        super().__init__(level=1)
        self._secrets = re.compile("|".join(map(re.escape, sorted(secrets))) or "(?!)")
        self.leaks: List[str] = []
        self.looked_at = 0

    def look(self, where: str, text: str) -> None:
        """Note it if *text* shows a secret."""
        self.looked_at += 1
        found = self._secrets.search(text) or FORMS.search(text)
        if found is not None:
            self.leaks.append("{} shows {!r}".format(where, found.group()))

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a log record, its arguments and its traceback."""
        if record.name.partition(".")[0] in ("hypothesis", "asyncio"):
            return
        self.look("a log record of " + record.name, record.getMessage())
        self.look("arguments of a log record", repr(record.args))
        if record.exc_info and record.exc_info[1] is not None:
            self.error("a logged exception", record.exc_info[1])

    def error(self, where: str, error: BaseException) -> None:
        """Look at an exception and those behind it, not at the lines of sources."""
        seen: Set[int] = set()
        link: Any = error
        while link is not None and id(link) not in seen:
            seen.add(id(link))
            for text in traceback.format_exception_only(type(link), link):
                self.look(where, text)
            # A caller's own request comes back to him as he gave it.
            mine = getattr(link, "command", None)
            if not isinstance(mine, (bytes, str)):
                self.look(where, repr(vars(link)))
            self.look(where, repr(link))
            link = link.__cause__ or link.__context__


class Watching:
    """``with Watching(watch):`` has *watch* look at all that happens."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def __enter__(self) -> Watch:
        watch, root = self.watch, logging.getLogger()
        self._level = root.level
        root.addHandler(watch)
        root.setLevel(1)
        self._raises: Any = type(pytest.raises(LookupError))
        self._exit = exit_ = self._raises.__exit__
        made: Any = PoolError
        self._before = vars(PoolError).get("__init__")

        def looking_exit(self: Any, kind: Any, error: Any, trace: Any) -> Any:
            # A test's own assertion may quote what it likes.
            if error is not None and not isinstance(error, AssertionError):
                watch.error("a caught exception", error)
            return exit_(self, kind, error, trace)

        def looking_init(self: PoolError, *arguments: Any) -> None:
            # The next in line: a PoolTimeout is an OSError as well.
            super(PoolError, self).__init__(*arguments)
            watch.look("a " + type(self).__name__, " ".join(map(str, arguments)))

        self._raises.__exit__ = looking_exit  # type: ignore[method-assign]
        made.__init__ = looking_init
        return watch

    def __exit__(self, *exc_info: Any) -> None:
        root = logging.getLogger()
        root.removeHandler(self.watch)
        root.setLevel(self._level)
        self._raises.__exit__ = self._exit
        made: Any = PoolError
        if self._before is None:
            del made.__init__
        else:
            made.__init__ = self._before


SECRETS = used_in(TESTS)


@pytest.fixture(autouse=True)
def watched():
    """No test may make a secret visible."""
    with Watching(Watch(SECRETS)) as watch:
        yield watch
    assert watch.leaks == [], "a secret was made visible"
