"""What an old name says before it goes: one DeprecationWarning, at its user's line.

For a parameter that has a new name, and for a name in a module. How long they stay is
in docs/versioning.md. ``renamed_parameter`` and ``deprecated_names`` are both removed
with what they keep alive: nothing is left behind in a function that has no old names.
"""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any, Callable, Mapping, Tuple, cast

if TYPE_CHECKING:
    from typing import TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])

__all__ = ["deprecated_names", "renamed_parameter"]


def renamed_parameter(
    old: str, new: str, *, since: str, removed_in: str
) -> Callable[[Function], Function]:
    """Let a function still take its parameter *new* by the keyword *old*.

    Type checkers see the function as it is written, with *new* alone. To give both
    is a TypeError, as it is for any argument given twice.
    """

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def with_old_name(*args: Any, **kwargs: Any) -> Any:
            if old in kwargs:
                name = function.__qualname__
                if name.endswith(".__init__"):
                    name = name[: -len(".__init__")]
                if new in kwargs:
                    raise TypeError(
                        "{}() got {!r} and {!r}, its old name; give {!r} alone".format(
                            name, new, old, new
                        )
                    )
                what = "the argument {!r} of {}()".format(old, name)
                _warn(what, since, removed_in, repr(new))
                kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return cast("Function", with_old_name)

    return decorate


def deprecated_names(
    module: str, names: Mapping[str, Tuple[str, Any]], *, since: str, removed_in: str
) -> Callable[[str], Any]:
    """Return a ``__getattr__`` for *module*, which still has these old *names*.

    Each stands with what to use instead, as text, and with its value. The names
    belong into neither ``__all__`` nor the module: Python asks ``__getattr__`` only
    for what is not there.
    """

    def __getattr__(name: str) -> Any:
        try:
            instead, value = names[name]
        except KeyError:
            raise AttributeError(
                "module {!r} has no attribute {!r}".format(module, name)
            ) from None
        _warn("{}.{}".format(module, name), since, removed_in, instead)
        return value

    return __getattr__


def _warn(what: str, since: str, removed_in: str, instead: str) -> None:
    warnings.warn(
        "{} is deprecated since {} and goes in {}: use {}".format(
            what, since, removed_in, instead
        ),
        DeprecationWarning,
        # This function, the one that asked for it, its caller.
        stacklevel=3,
    )
