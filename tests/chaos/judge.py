"""The judge: what clients were told, held against the registry's record.

Pure functions. ``wrong`` are the promises that were broken, by kind:

- doubled: a command changed the registry twice;
- crossed: an answer was believed that was another command's;
- untold: it was executed, or may have been, and the client was told of a failure
  that says nothing of it, or of a refusal;
- lost: the client was told that it was done, and it was not;
- needless: the client was told that it is ambiguous, and nothing had happened on
  the way that could have made it so;
- hung: no word came at all;
- calm: it failed although every fault was over, and not because the machine was
  too busy to answer in time.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from geventconnpool_ext.testing import Execution, Fault

from .work import TRANSFORM

__all__ = ["KINDS", "Verdict", "judge"]

KINDS = ("doubled", "crossed", "untold", "lost", "needless", "hung", "calm")

_HARMLESS = {
    Fault.close_after_answer,
    Fault.drop_after_answer,
    Fault.dribble,
    Fault.split_length_1_3,
    Fault.split_length_2_2,
    Fault.split_length_3_1,
    Fault.stray_answer,
    Fault.answer_2400,
    Fault.answer_2500,
    Fault.answer_2502,
    Fault.silent_logout,
    Fault.silent_logout_2200,
    Fault.response_to_hello,
    # Harmless if it is not too late: see below.
    Fault.late_answer,
}
LOSING = frozenset(
    fault.value
    for fault in Fault
    if fault.stage == "message" and fault not in _HARMLESS
)
"""Faults after which the answer to the command they met cannot be known."""
_BY_THE_CLIENT = frozenset(("logout", "client_closed", "lost", "bad_frame"))
"""Ends of a session that the registry did not begin. ``lost`` is a client's RST."""


class Verdict(NamedTuple):
    """What a run came to."""

    outcomes: Dict[str, int]
    """Commands by what their client was told."""
    wrong: Dict[str, int]
    """Broken promises by kind; all of ``KINDS`` are there."""
    ambiguous: Dict[str, int]
    """Ambiguous commands by what made them so."""
    ambiguous_executed: int
    """How many of those were executed: the rest would have been lost by silence."""
    by_fault: Dict[str, Dict[str, int]]
    """For each fault: how often it was ``injected``, what was told of the commands
    that it met, and how many of those were ``wrong``."""
    problems: Sequence[str]
    """A line on each broken promise."""


class _Evidence:
    """The registry's account of the run, indexed."""

    def __init__(self, account: Dict[str, Any]) -> None:
        self.by_id: Dict[Optional[str], List[Execution]] = {}
        self.changes: Dict[str, List[Execution]] = {}
        self.session_of_login: Dict[Optional[str], int] = {}
        for fields in account["record"]:
            entry = Execution(*fields)
            self.by_id.setdefault(entry.cl_tr_id, []).append(entry)
            if entry.verb == "login":
                self.session_of_login[entry.cl_tr_id] = entry.session_id
            elif entry.effect and entry.name:
                self.changes.setdefault(entry.name, []).append(entry)
        self.ends: Dict[int, str] = dict(account["ends"])
        self.fault_of_id: Dict[str, str] = {}
        self.faults_of_name: Dict[str, List[str]] = {}
        for tr_id, _, name, fault in account["faults"]:
            self.fault_of_id[tr_id] = fault
            if name:
                self.faults_of_name.setdefault(name, []).append(fault)

    def belongs(self, told: Dict[str, Any]) -> bool:
        """Whether the answer is one that the registry gave to this command."""
        return all(name == told["name"] for name in told["names"]) and any(
            entry.name == told["name"]
            and entry.verb == told["verb"]
            and entry.code == told["code"]
            for entry in self.by_id.get(told["id"], ())
        )

    def why_ambiguous(self, told: Dict[str, Any]) -> Optional[str]:
        """What made the outcome ambiguous, None if nothing did."""
        if told["cause"] == "_Own":
            return "interrupted by its program"
        for tr_id in told["ids"]:
            fault = self.fault_of_id.get(tr_id)
            if fault in LOSING or fault == Fault.late_answer.value:
                return "fault on the command"
        session = self.session_of_login.get(told["login"])
        end = None if session is None else self.ends.get(session)
        if end is not None and end not in _BY_THE_CLIENT:
            return "session ended: " + end
        # The machine was too busy for an answer in time: as good as none.
        return "answer too late" if told["timeout"] else None


def judge(
    tellings: Sequence[Dict[str, Any]],
    account: Dict[str, Any],
    calm_since: Optional[float] = None,
) -> Verdict:
    """Judge *tellings*, what each command's client was told, by the registry's
    *account*; what began after *calm_since* had to succeed."""
    evidence = _Evidence(account)
    outcomes: Counter[str] = Counter()
    wrong: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
    ambiguous: Counter[str] = Counter()
    by_fault: Dict[str, Counter[str]] = {
        fault: Counter(injected=times)
        for fault, times in account["counters"]["faults"].items()
    }
    problems = []
    ambiguous_executed = 0
    for told in tellings:
        outcomes[told["outcome"]] += 1
        found = _wrong(told, evidence)
        if told["outcome"] == "ambiguous":
            reason = evidence.why_ambiguous(told)
            ambiguous[reason or "nothing"] += 1
            ambiguous_executed += bool(evidence.changes.get(told["name"]))
        if calm_since is not None and told["began"] >= calm_since and _failed(told):
            found.append(("calm", told["outcome"]))
        for kind, why in found:
            wrong[kind] += 1
            problems.append("{}: {}: {}: {}".format(kind, told["name"], why, told))
        for fault in set(evidence.faults_of_name.get(told["name"], ())):
            counted = by_fault.setdefault(fault, Counter())
            counted[told["outcome"]] += 1
            counted["wrong"] += bool(found)
    return Verdict(
        dict(outcomes),
        dict(wrong),
        dict(ambiguous),
        ambiguous_executed,
        {fault: dict(counted) for fault, counted in sorted(by_fault.items())},
        problems,
    )


def _failed(told: Dict[str, Any]) -> bool:
    if told["outcome"] == "answered":
        return not 1000 <= (told["code"] or 0) < 2000
    if told["outcome"] == "failed":
        return bool(told["error"] != "TimeoutError")
    if told["outcome"] == "ambiguous":
        return not told["timeout"] and bool(told["cause"] != "_Own")
    return bool(told["outcome"] == "hung")


def _wrong(told: Dict[str, Any], evidence: _Evidence) -> List[Tuple[str, str]]:
    """The promises that were broken to one client."""
    found = []
    outcome, verb, name = told["outcome"], told["verb"], told["name"]
    changes = evidence.changes.get(name, [])
    if len(changes) > 1:
        found.append(("doubled", "{} times".format(len(changes))))
    if outcome == "hung":
        found.append(("hung", "for {:.1f} s".format(told["seconds"])))
    elif outcome == "answered":
        if not evidence.belongs(told):
            found.append(("crossed", "answered by {}".format(told["id"])))
        if verb in TRANSFORM:
            success = 1000 <= (told["code"] or 0) < 2000
            if success and not changes:
                found.append(("lost", "never executed"))
            if not success and changes:
                found.append(("untold", "answered {}".format(told["code"])))
    elif outcome == "failed" and verb in TRANSFORM:
        met = LOSING.intersection(evidence.faults_of_name.get(name, ()))
        if changes:
            found.append(("untold", "executed"))
        elif met:
            found.append(("untold", "met {}".format(", ".join(sorted(met)))))
    elif outcome == "ambiguous":
        strange = [e.cl_tr_id for e in changes if e.cl_tr_id not in told["ids"]]
        if strange:
            found.append(("untold", "executed as {}".format(strange)))
        if verb not in TRANSFORM or evidence.why_ambiguous(told) is None:
            found.append(("needless", "nothing had happened"))
    return found
