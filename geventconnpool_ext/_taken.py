"""Taken: when and where a connection was taken, cheaply kept. Pure.

Of each call only the code object and the place in it are kept: a frame would keep
every variable of its caller alive, and its line number takes longer to find than
all else. They become lines and text when a leak is reported.
"""

from __future__ import annotations

import os
import sys
from dis import findlinestarts
from traceback import StackSummary
from typing import TYPE_CHECKING, Any, List, Tuple

if TYPE_CHECKING:
    from types import CodeType

# The calls nearest to the lease: a web framework around them tells nothing new.
MOST_CALLS = 32
_get_frame = sys._getframe


class Taken:
    """A lease that began at *since*, in the call *depth* calls above this one.

    As text it is one line, the innermost call first, 'FILE:LINE in NAME <- ...',
    without the source of the lines, which can hold a secret.
    """

    __slots__ = ("_kept", "reported", "since")

    def __init__(self, since: float, depth: int) -> None:
        self.since: float = since
        self.reported: bool = False
        # Code and place in turn: a pair for each would be an object more.
        self._kept: List[Any] = []
        keep = self._kept.append
        frame: Any = _get_frame(depth)
        left = MOST_CALLS
        while frame is not None and left:
            keep(frame.f_code)
            keep(frame.f_lasti)
            frame = frame.f_back
            left -= 1

    def _callers(self) -> List[Tuple[CodeType, int]]:
        """Code and line of each call, the innermost first, this package's left out."""
        codes, places = self._kept[::2], self._kept[1::2]
        own = 0
        while own < len(codes) - 1 and codes[own].co_filename.startswith(_PACKAGE):
            own += 1
        return [
            (code, _line(code, place)) for code, place in zip(codes[own:], places[own:])
        ]

    def stack(self) -> StackSummary:
        """Return the calls as ``traceback`` has them, the outermost first."""
        return StackSummary.from_list(
            [
                (code.co_filename, line, code.co_name, None)
                for code, line in reversed(self._callers())
            ]
        )

    def __str__(self) -> str:
        return " <- ".join(
            "{}:{} in {}".format(code.co_filename, line, code.co_name)
            for code, line in self._callers()
        )


def _line(code: CodeType, place: int) -> int:
    """Return the line of the instruction at *place* in *code*."""
    found = code.co_firstlineno
    for start, line in findlinestarts(code):
        if start > place:
            break
        # Some instructions of newer Pythons have no line.
        found = line or found
    return found


# Not of __file__: what is compared with it comes from code objects, too.
_PACKAGE = os.path.dirname(Taken.stack.__code__.co_filename) + os.sep
