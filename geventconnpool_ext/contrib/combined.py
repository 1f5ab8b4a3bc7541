"""CombinedHooks: several hooks for one pool, such as metrics and one's own."""

from __future__ import annotations

from types import FunctionType
from typing import Any, Callable, Dict, List

from ..hooks import PoolHooks

__all__ = ["CombinedHooks"]

# Where the methods stand that only say which hooks there are.
_DEFAULTS = ("geventconnpool_ext.hooks", "geventconnpool_ext.epp.hooks")


class CombinedHooks(PoolHooks):
    """Calls every one of *parts* in turn: ``hooks=CombinedHooks(metrics, mine)``.

    Arguments:
        parts: ``PoolHooks`` or ``EPPHooks``, called in this order.

    What no part overrides is not called. If a part raises an ``Exception``, the
    others are called all the same, and the first one goes to the pool, which logs
    it. Raises TypeError for a part that is no ``PoolHooks`` instance.
    """

    def __init__(self, *parts: PoolHooks) -> None:
        for part in parts:
            if not isinstance(part, PoolHooks):
                raise TypeError(
                    "CombinedHooks takes instances of PoolHooks subclasses, "
                    "not {!r}".format(part)
                )
        overridden: Dict[str, List[Callable[..., None]]] = {}
        for part in parts:
            for name in dir(part):
                if not name.startswith("_") and _overrides(part, name):
                    overridden.setdefault(name, []).append(getattr(part, name))
        for name, calls in overridden.items():
            # An attribute: what no part overrides stays as PoolHooks has it.
            setattr(self, name, calls[0] if len(calls) == 1 else _all_of(name, calls))


def _overrides(part: PoolHooks, name: str) -> bool:
    """Whether *name* is something that *part* does, not a hook that does nothing."""
    if name in vars(part):
        return callable(getattr(part, name))
    owners = [base for base in type(part).__mro__ if name in vars(base)]
    if not owners or owners[0].__module__ in _DEFAULTS:
        return False
    if any(base.__module__ in _DEFAULTS for base in owners):
        return callable(getattr(part, name))
    # No hook of the pool's: only a look at the class is sure to run nothing of it.
    return isinstance(vars(owners[0])[name], (FunctionType, classmethod, staticmethod))


def _all_of(name: str, calls: List[Callable[..., None]]) -> Callable[..., None]:
    def hook(*arguments: Any) -> None:
        failure = None
        for call in calls:
            try:
                call(*arguments)
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure

    # What the pool's log calls it.
    hook.__name__ = name
    return hook
