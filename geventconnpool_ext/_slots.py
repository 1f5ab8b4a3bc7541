"""Slots: at most so many connections, given to callers of any thread in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from ._waiter import ThreadWaiter

if TYPE_CHECKING:
    from ._clock import Clock
    from ._entry import Entry
    from ._lock import Lock
    from ._state import PoolState
    from ._waiter import Changes

RESERVED, TOO_LATE, TOO_MANY, ENDED = "reserved", "too late", "too many", "ended"


class Slots:
    """Reserves slots of *state* under *lock*.

    A reserved slot counts as ``opening`` until it is opened or freed, and one
    whose connection closes as ``closing``.
    """

    def __init__(
        self, state: PoolState, lock: Lock, clock: Clock, changes: Changes
    ) -> None:
        self._state = state
        self._lock = lock
        self._clock = clock
        self._changes = changes

    def reserve(self, timeout: Optional[float], max_waiting: Optional[int]) -> str:
        """Wait for a slot; return RESERVED, or TOO_LATE, TOO_MANY or ENDED.

        Raises what the waiter was failed with.
        """
        state = self._state
        with self._lock:
            if not state.accepting:
                return ENDED
            if state.room > 0 and not state.queue:
                state.begin_open()
                return RESERVED
            if timeout == 0:
                return TOO_LATE
            if max_waiting is not None and len(state.queue) >= max_waiting:
                return TOO_MANY
            waiter = ThreadWaiter()
            state.enqueue(waiter)
        return self._wait(waiter, timeout)

    def _wait(self, waiter: ThreadWaiter, timeout: Optional[float]) -> str:
        state = self._state
        timer = None
        try:
            if timeout is not None:
                timer = self._clock.call_later(timeout, waiter.switch, None)
            waiter.get()
        except BaseException:
            with self._lock:
                if waiter in state.queue:
                    state.queue.remove(waiter)
                elif waiter.error is None:
                    # It has a slot and dies with it: the next one gets it.
                    self.free()
                waiter.done()
            raise
        finally:
            if timer is not None:
                timer.stop()
        with self._lock:
            late = waiter in state.queue
            state.queue.remove(waiter)
            waiter.done()
        if waiter.error is not None:
            raise waiter.error
        return TOO_LATE if late else RESERVED

    def free(self) -> None:
        """Give back a slot that was reserved and not opened."""
        with self._lock:
            self._state.open_given_up()
            self.serve()
        self._changes.announce()

    def closed(self, entry: Entry) -> None:
        """Give back the slot of a connection whose close is over."""
        with self._lock:
            self._state.closed(entry)
            self.serve()
        self._changes.announce()

    def serve(self) -> None:
        """Give what is free to those who wait."""
        state = self._state
        with self._lock:
            while state.queue and state.room > 0 and state.accepting:
                state.begin_open()
                state.queue.next().wake()

    def fail_all(self, error: Callable[[], BaseException]) -> None:
        """Have everybody who waits raise an *error()* of its own."""
        with self._lock:
            queue = self._state.queue
            # Before anybody leaves the queue, or one whose making fails would leave
            # the others asleep.
            errors = [_made(error) for _ in range(len(queue))]
            for waiter, made in zip(queue.remove_all(), errors):
                waiter.fail(made)


def _made(error: Callable[[], BaseException]) -> BaseException:
    """Return *error()*, or what it raises."""
    try:
        return error()
    except Exception as failure:
        return failure
