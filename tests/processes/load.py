"""Load on a web server: callers, each of whom must get the answer to its question."""

from __future__ import annotations

import itertools

import gevent

from .web_server import Broken


class Load:
    """``with Load(web) as load:`` callers ask without a pause until the end.

    ``answered`` maps names to answers, ``broken`` lists the names without one.
    A wrong answer ends the block with an AssertionError.
    """

    def __init__(self, web, callers=8):
        self._web = web
        self._numbers = itertools.count()
        self._going_on = True
        self._callers = [
            gevent.Greenlet(self._call, number) for number in range(callers)
        ]
        self.answered = {}
        self.broken = []

    def __enter__(self):
        for caller in self._callers:
            caller.start()
        return self

    def __exit__(self, *exception):
        self._going_on = False
        gevent.joinall(self._callers, timeout=25)
        if exception[0] is None:
            for caller in self._callers:
                caller.get(block=False)

    def more(self, count=40, seconds=20):
        """Wait until that many more requests were answered."""
        wanted = len(self.answered) + count
        with gevent.Timeout(seconds, AssertionError("the load stands still")):
            while len(self.answered) < wanted:
                for caller in self._callers:
                    if caller.ready():
                        caller.get()
                gevent.sleep(0.01)

    def _call(self, caller):
        verb = "create" if caller % 2 else "check"
        while self._going_on:
            name = "{}-{}.example".format(verb, next(self._numbers))
            try:
                answer = self._web.ask("/{}/{}".format(verb, name))
            except Broken:
                self.broken.append(name)
                gevent.sleep(0.02)
                continue
            assert answer["name"] == name, "an answer crossed"
            assert answer["code"] == 1000, answer
            self.answered[name] = answer["pid"]
