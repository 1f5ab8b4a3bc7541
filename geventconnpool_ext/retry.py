"""``@retry``, and the Backoff that spaces attempts here and in the pool.

Nothing here knows a pool: retry repeats any function that raises.
"""

from __future__ import annotations

import functools
import logging
import random
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar, overload

import gevent

from . import _arguments
from ._exceptions import BrokenConnection
from ._log import describe

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = ["Backoff", "retry"]


class Backoff:
    """Waits that grow, with full jitter, so that clients do not come in step.

    Arguments: *initial* (seconds, default 0.1) bounds the wait after the first
    failure, *factor* (default 2.0, at least 1) is by how much the bound grows
    with each further one, *maximum* (seconds, default 60.0) where it stops.

    Raises TypeError or ValueError for numbers that make no sense.
    """

    __slots__ = ("initial", "maximum", "factor")

    def __init__(
        self, initial: float = 0.1, maximum: float = 60.0, factor: float = 2.0
    ) -> None:
        self.initial: float = _arguments.seconds("initial", initial)
        self.maximum: float = _arguments.seconds("maximum", maximum)
        if isinstance(factor, bool) or not isinstance(factor, (int, float)):
            raise TypeError("factor must be a number, 1 or more; not %r" % (factor,))
        if not 1 <= factor < float("inf"):
            raise ValueError("factor must be a number, 1 or more; not %r" % (factor,))
        if initial > maximum:
            raise ValueError(
                "initial must not be above maximum ({!r}); not {!r}".format(
                    maximum, initial
                )
            )
        self.factor: float = factor

    def bound(self, failures: int) -> float:
        """Return the longest wait in seconds after *failures* in a row."""
        try:
            bound = self.initial * self.factor ** max(failures - 1, 0)
        except OverflowError:
            return self.maximum
        return min(bound, self.maximum)

    def delay(self, failures: int) -> float:
        """Return a wait in seconds, anywhere between 0 and ``bound(failures)``."""
        return random.uniform(0.0, self.bound(failures))

    def __repr__(self) -> str:
        return "Backoff(initial={!r}, maximum={!r}, factor={!r})".format(
            self.initial, self.maximum, self.factor
        )


@overload
def retry(
    f: Callable[P, R],
    exc_classes: _arguments.ExceptionClasses = ...,
    logger: Optional[logging.Logger] = ...,
    retry_log_level: int = ...,
    retry_log_message: str = ...,
    max_failures: Optional[int] = ...,
    interval: Optional[float] = ...,
    max_failure_log_level: int = ...,
    max_failure_log_message: str = ...,
) -> Callable[P, R]: ...


@overload
def retry(
    f: None = ...,
    exc_classes: _arguments.ExceptionClasses = ...,
    logger: Optional[logging.Logger] = ...,
    retry_log_level: int = ...,
    retry_log_message: str = ...,
    max_failures: Optional[int] = ...,
    interval: Optional[float] = ...,
    max_failure_log_level: int = ...,
    max_failure_log_message: str = ...,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def retry(
    f: Optional[Callable[..., Any]] = None,
    exc_classes: _arguments.ExceptionClasses = (OSError,),
    logger: Optional[logging.Logger] = None,
    retry_log_level: int = logging.INFO,
    retry_log_message: str = "Retrying {f}: the connection broke ({e}).",
    max_failures: Optional[int] = None,
    interval: Optional[float] = None,
    max_failure_log_level: int = logging.ERROR,
    max_failure_log_message: str = "Giving up on {f}: too many failures ({e}).",
) -> Any:
    """Call a function again when a broken connection makes it raise.

    Use it bare, ``@retry``, with arguments, ``@retry(max_failures=3)``, or
    through ``functools.partial``. Put it around a function that takes its
    connection from a pool inside, so that each attempt gets another one.

    Arguments:
        exc_classes: exceptions that mean 'broken' (default OSError). A
            ``PoolError`` counts only where its class is named.
        logger: gets a line per retry and one when it gives up; default none.
        retry_log_level, max_failure_log_level: the levels of those lines.
        retry_log_message, max_failure_log_message: their texts, which may use
            ``{f}``, the function's name, and ``{e}``, the exception.
        max_failures: how many failures are retried before the exception goes
            on; None, the default, means without end.
        interval: seconds between attempts. Default None: the first retry at
            once, then waits that grow as ``Backoff()`` says. 0 never waits,
            but lets other greenlets run.

    Raises TypeError or ValueError at the call when an argument makes no sense.
    """
    broken = BrokenConnection(_arguments.exception_classes("exc_classes", exc_classes))
    if max_failures is not None:
        _arguments.integer("max_failures", max_failures, 0)
    _arguments.optional_seconds("interval", interval, zero=True)
    _check_message("retry_log_message", retry_log_message)
    _check_message("max_failure_log_message", max_failure_log_message)
    if f is None:
        return functools.partial(
            retry,
            exc_classes=exc_classes,
            logger=logger,
            retry_log_level=retry_log_level,
            retry_log_message=retry_log_message,
            max_failures=max_failures,
            interval=interval,
            max_failure_log_level=max_failure_log_level,
            max_failure_log_message=max_failure_log_message,
        )
    if not callable(f):
        raise TypeError("retry needs a function to call, not {!r}".format(f))
    name = getattr(f, "__name__", type(f).__name__)
    backoff = Backoff()

    @functools.wraps(f)
    def retrying(*args: Any, **kwargs: Any) -> Any:
        failures = 0
        while True:
            try:
                return f(*args, **kwargs)
            except broken.classes as error:
                if not broken.matches(error):
                    raise
                failures += 1
                if max_failures is not None and failures > max_failures:
                    if logger is not None:
                        logger.log(
                            max_failure_log_level,
                            "%s",
                            _formatted(max_failure_log_message, name, error),
                        )
                    raise
                if logger is not None:
                    logger.log(
                        retry_log_level,
                        "%s",
                        _formatted(retry_log_message, name, error),
                    )
            if interval is not None:
                gevent.sleep(interval)
            elif failures == 1:
                # At once, yet a loop of failures must not keep others from running.
                gevent.sleep(0)
            else:
                gevent.sleep(backoff.delay(failures - 1))

    return retrying


def _formatted(message: str, name: str, error: BaseException) -> str:
    """Return *message* about *error*; what stands in it must not end the retries."""
    try:
        return message.format(f=name, e=error)
    except Exception:
        pass
    try:
        # An exception takes no width, and text does.
        return message.format(f=name, e=str(error))
    except Exception:
        return "{} failed: {}".format(name, describe(error))


def _check_message(argument: str, message: str) -> None:
    try:
        message.format(f="f", e="e")
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(
            "{} must be text that replaces only {{f}} and {{e}}; not {!r}".format(
                argument, message
            )
        ) from error
