"""Checks of what a caller passes in, each with the same kind of message.

Every message names the argument, the value and what would be right. Nothing
here knows what an argument is for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Callable, Optional, Tuple, Type, Union

if TYPE_CHECKING:
    from typing import Final

    ExceptionClasses = Union[
        Type[BaseException],
        Tuple[Type[BaseException], ...],
    ]


class Unset:
    """The type of UNSET: an argument that was not given."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


def integer(name: str, value: Any, minimum: int) -> int:
    """Return *value* if it is an integer of at least *minimum*.

    Raises TypeError for anything else than an integer (a bool included) and
    ValueError for one that is too small.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(
            "{} must be an integer of at least {}, not {!r}".format(
                name, minimum, value
            )
        )
    if value < minimum:
        raise ValueError(
            "{} must be an integer of at least {}, not {}".format(
                name, minimum, _shown(value)
            )
        )
    return value


def seconds(name: str, value: Any, zero: bool = False, note: str = "") -> float:
    """Return *value* if it is a finite number of seconds, positive or, with
    *zero*, not negative.

    Raises TypeError for what is no number and ValueError for NaN, infinity,
    negative numbers and integers that no float can hold. *note* ends the message,
    as advice.
    """
    wanted = "{} must be a number of seconds, {}{}".format(
        name, "0 or more" if zero else "more than 0", note
    )
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("{}; not {!r}".format(wanted, value))
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite or value < 0 or (value == 0 and not zero):
        raise ValueError("{}; not {}".format(wanted, _shown(value)))
    return value


def _shown(value: Union[int, float]) -> str:
    # Of thousands of digits nobody would read one, and Python refuses to write them.
    if isinstance(value, int) and value.bit_length() > 1024:
        return "an integer of {} bits".format(value.bit_length())
    return repr(value)


def optional_seconds(
    name: str, value: Any, zero: bool = False, note: str = ", or None"
) -> Optional[float]:
    """Like :func:`seconds`, but None passes."""
    return None if value is None else seconds(name, value, zero, note)


def timeout(value: Any, name: str = "timeout") -> Optional[float]:
    """Return *value* if it bounds a wait: None for ever, 0 not at all, or seconds."""
    return optional_seconds(
        name, value, zero=True, note=" (0 never waits), or None to wait for ever"
    )


def optional_callable(name: str, value: Any) -> Optional[Callable[..., Any]]:
    """Return *value* if it is None or can be called; TypeError otherwise."""
    if value is not None and not callable(value):
        raise TypeError("{} must be callable or None, not {!r}".format(name, value))
    return value  # type: ignore[no-any-return]


def maker(name: str, value: Any) -> None:
    """Raise TypeError unless *value* can be called, without arguments, to make one."""
    if not callable(value):
        raise TypeError(
            "{} must be a function without arguments, not {}".format(
                name, type(value).__name__
            )
        )


def exception_classes(name: str, value: Any) -> Tuple[Type[BaseException], ...]:
    """Return *value*, one exception class or several, as a tuple.

    Raises TypeError where something in it is no exception class.
    """
    if isinstance(value, type):
        classes: Tuple[Any, ...] = (value,)
    else:
        try:
            classes = tuple(value)
        except TypeError:
            classes = (value,)
    for item in classes:
        if not (isinstance(item, type) and issubclass(item, BaseException)):
            raise TypeError(
                "{} must hold exception classes, such as (OSError,); not {!r}".format(
                    name, item
                )
            )
    return classes
