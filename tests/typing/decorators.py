"""What ``@retry`` leaves of a function's signature: all of it. Checked, not run."""

from __future__ import annotations

import functools
import logging
from typing import Callable

from typing_extensions import assert_type

from geventconnpool_ext import retry


@retry
def bare(number: int, *, text: str = "") -> str:
    return text * number


@retry()
def with_parentheses(number: int, *, text: str = "") -> str:
    return text * number


@retry(max_failures=3, exc_classes=(OSError, EOFError), interval=0.5)
def with_arguments(number: int, *, text: str = "") -> str:
    return text * number


class Client:
    @retry(logger=logging.getLogger("client"))
    def ask(self, question: str) -> bytes:
        return question.encode()


assert_type(bare(1), str)
assert_type(bare(number=1, text="a"), str)
assert_type(with_parentheses(1, text="a"), str)
assert_type(with_arguments(1, text="a"), str)
assert_type(Client().ask("why"), bytes)
assert_type(retry(len, max_failures=1)("four"), int)
checked: Callable[[int], str] = bare

patient = functools.partial(retry, max_failures=9)
