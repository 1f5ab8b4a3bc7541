"""Settings of the demo: what was asked for, and the limits that follow from it.

The registry's limits are short, so that a few seconds show what takes hours in
life, and grow with the latency, so that a slow registry is not a broken one.
Times are seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..epp import SessionPolicy
    from ..testing import FaultPlan, Limits

__all__ = ["ACCOUNT", "PASSWORD", "Settings"]

ACCOUNT = "registrar"
PASSWORD = "demonstration"


class Settings(NamedTuple):
    """What both runs of the demo have in common."""

    commands: int
    """How many commands are sent."""
    clients: int
    """Greenlets that send them."""
    sessions: int
    """Most sessions at once: the registry's limit and the pool's size."""
    latency: float
    """What the registry takes for every message."""
    seed: int
    """Decides which commands are sent and which faults happen."""

    @property
    def patience(self) -> float:
        """How long a client waits for one answer, its turn included."""
        turns = 1 + self.clients / self.sessions
        return 30 + 10 * self.latency * turns

    def limits(self) -> Limits:
        """The registry's policy."""
        from ..testing import Limits

        return Limits(
            max_sessions=self.sessions,
            idle_timeout=0.6 + 12 * self.latency,
            max_age=2 * self._max_age,
        )

    def policy(self, probing: bool = False) -> SessionPolicy:
        """The clients' policy, a little below the registry's.

        *probing*: sessions that stay are asked now and then whether they are still
        logged in.
        """
        from ..epp import SessionPolicy, check_domain

        idle_timeout = 0.4 + 10 * self.latency
        return SessionPolicy(
            idle_timeout=idle_timeout,
            probe=check_domain("probe.example") if probing else None,
            probe_interval=idle_timeout if probing else None,
            max_age=self._max_age,
            command_timeout=1 + 20 * self.latency,
            connect_timeout=5 + 20 * self.latency,
            session_gone=_session_gone,
        )

    @property
    def _max_age(self) -> float:
        # Rotations come one after another: there must be time for each.
        return 1.0 + 6 * self.latency * self.sessions

    def faults(self) -> FaultPlan:
        """What goes wrong: some things for certain, others by chance."""
        from ..testing import Fault, FaultPlan

        chance = 0.001
        plan = FaultPlan(
            self.seed,
            {
                Fault.close_before_read: chance,
                Fault.drop_before_read: chance,
                Fault.reset_after_execute: chance,
                Fault.drop_in_frame: chance,
                Fault.silent_logout: chance,
                Fault.silent_logout_2200: chance,
                Fault.wrong_cl_tr_id: chance,
                Fault.garbage: chance,
                Fault.stray_answer: chance,
                Fault.split_length_2_2: chance,
                Fault.answer_2400: chance,
                Fault.answer_2500: chance,
            },
            # Not login and logout: those would hit a connection per command
            # three times as often.
            verbs=("check", "info", "create", "update", "renew", "delete"),
        )
        plan.on("info", fault=Fault.silent_logout)
        plan.on("create", fault=Fault.drop_after_execute)
        plan.on("update", fault=Fault.drop_in_frame)
        plan.on("renew", fault=Fault.reset_before_read)
        plan.on("hello", fault=Fault.drop_before_read)
        return plan


def _session_gone(command: Any, answer: Any) -> bool:
    # This registry answers a wrong authInfo by 2202, so that its 2200, whatever
    # the command carried, can only mean that nobody is logged in.
    return answer.code in (2002, 2200)
