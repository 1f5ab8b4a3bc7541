"""Record: what the registry executed, so that a test can ask 'was this run twice?'."""

from __future__ import annotations

from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Union, overload

__all__ = ["Execution", "Record"]


class Execution(NamedTuple):
    """One command that the registry answered or would have answered."""

    cl_tr_id: Optional[str]
    """The client's transaction id, None if it sent none."""
    session_id: int
    """The number of the session (of the connection) it came through."""
    client_id: Optional[str]
    """The account, None before login."""
    verb: str
    """``create``, ``info``, ``login`` ...; empty if the command was malformed."""
    object_type: str
    """``domain``, ``contact``, ``host``, or empty."""
    name: str
    """The first name or id it is about, in lower case."""
    code: int
    """The result code."""
    effect: str
    """What it changed, e.g. ``created``; empty if nothing."""
    at: float
    """When, on the registry's monotonic clock, in seconds."""

    @property
    def executed(self) -> bool:
        """Whether it was carried out: its code tells success."""
        return self.code < 2000


class Record(Sequence[Execution]):
    """Every command in the order of execution; ``hello`` is no command."""

    def __init__(self) -> None:
        self._all: List[Execution] = []
        self._times: Dict[str, int] = {}

    def append(self, execution: Execution) -> None:
        """Add the latest one."""
        self._all.append(execution)
        if execution.executed and execution.cl_tr_id is not None:
            times = self._times
            times[execution.cl_tr_id] = times.get(execution.cl_tr_id, 0) + 1

    def clear(self) -> None:
        """Forget everything."""
        self._all.clear()
        self._times.clear()

    @overload
    def __getitem__(self, index: int) -> Execution: ...

    @overload
    def __getitem__(self, index: slice) -> List[Execution]: ...

    def __getitem__(
        self, index: Union[int, slice]
    ) -> Union[Execution, List[Execution]]:
        return self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Execution]:
        return iter(self._all)

    def times_executed(self, cl_tr_id: str) -> int:
        """How often a command with this clTRID was carried out."""
        return self._times.get(cl_tr_id, 0)

    def executed(
        self, name: Optional[str] = None, verb: Optional[str] = None
    ) -> List[Execution]:
        """The commands carried out, those about *name* or with *verb* if given."""
        return [
            entry
            for entry in self._all
            if entry.executed
            and (name is None or entry.name == name.lower())
            and (verb is None or entry.verb == verb)
        ]

    def effects(self, name: str) -> List[str]:
        """What was changed about *name*, oldest first."""
        return [entry.effect for entry in self.executed(name) if entry.effect]

    def of(self, cl_tr_id: str) -> List[Execution]:
        """Every command with this clTRID, refused ones too."""
        return [entry for entry in self._all if entry.cl_tr_id == cl_tr_id]

    def doubled(self) -> List[str]:
        """The clTRIDs that were carried out more than once."""
        return [cl_tr_id for cl_tr_id, times in self._times.items() if times > 1]
