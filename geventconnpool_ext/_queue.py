"""WaiterQueue: who waits for a connection, in which order. Pure.

A patient waiter takes any connection. A choosy one takes only a connection
opened after some time; it is served before the patient ones, since it lost a
connection that it had waited for.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, List, Optional

if TYPE_CHECKING:
    from typing_extensions import Protocol

    from ._entry import Entry

    class Waiting(Protocol):
        """Somebody waiting for a connection: ``entry`` is where it is put.

        ``opened_after`` is None, or a time: older connections will not do.
        """

        entry: Optional[Entry]
        opened_after: Optional[float]

        def wake(self) -> None:
            """Have it look at ``entry``, soon."""

        def fail(self, error: BaseException) -> None:
            """Have it raise *error*, soon."""


class WaiterQueue:
    """Waiters in order of arrival; leaving from the middle costs no search."""

    __slots__ = ("choosy", "patient")

    def __init__(self) -> None:
        self.patient: OrderedDict[Waiting, None] = OrderedDict()
        self.choosy: OrderedDict[Waiting, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self.patient) + len(self.choosy)

    def __contains__(self, waiter: Waiting) -> bool:
        return waiter in self.patient or waiter in self.choosy

    def append(self, waiter: Waiting) -> None:
        """Put *waiter* behind everybody of its kind."""
        kind = self.patient if waiter.opened_after is None else self.choosy
        kind[waiter] = None

    def remove(self, waiter: Waiting) -> None:
        """Take *waiter* out. Harmless if it is not there."""
        self.patient.pop(waiter, None)
        self.choosy.pop(waiter, None)

    def remove_all(self) -> List[Waiting]:
        """Take everybody out, and return them."""
        waiters = list(self.choosy) + list(self.patient)
        self.choosy.clear()
        self.patient.clear()
        return waiters

    def next(self) -> Waiting:
        """Take out the first patient waiter and return it."""
        return self.patient.popitem(last=False)[0]

    def next_for(self, entry: Entry) -> Optional[Waiting]:
        """Take out the first waiter whom *entry* can serve; None if there is none."""
        for waiter in self.choosy:
            if waiter.opened_after is None or entry.opened_at > waiter.opened_after:
                del self.choosy[waiter]
                return waiter
        return self.next() if self.patient else None

    def unserved(self, opening: int, asked: int) -> int:
        """Return how many would still wait if all connects and pings succeed.

        Only pings *asked* for count: one of keepalive may take its whole bound to
        find a dead peer. A connection being pinged was opened before, so it serves no
        choosy one.
        """
        return len(self.choosy) + max(0, len(self.patient) - asked) - opening
