"""gunicorn's gevent workers serve from pools of their own."""

from __future__ import annotations

from pathlib import Path

import gevent
import pytest

pytest.importorskip("gunicorn")
pytest.importorskip("psutil")

from ...processes.web_server import WebServer

HERE = Path(__file__).resolve().parent


class Served(WebServer):
    """The application, served by gunicorn."""

    def __init__(self, environment):
        settings = f"--config={HERE / 'gunicorn.conf.py'}"
        self._begin([settings, "application:application"], environment, modules=HERE)


def test_two_workers_serve_requests_from_two_sessions_each(environment, registry):
    # PYTHONPATH is the server's to say.
    told = {name: environment[name] for name in ("REGISTRY_PORT", "CA_FILE")}
    with Served(told) as web:
        web.ready()
        with gevent.Timeout(15, AssertionError("the workers have not all logged in")):
            while registry.counters().sessions < 4:
                gevent.sleep(0.02)
        asking = [gevent.spawn(web.ask, f"/check/name{n}.example") for n in range(60)]
        gevent.joinall(asking, timeout=15, raise_error=True)
        answers = [one.value for one in asking]
        assert {answer["code"] for answer in answers} == {1000}
        assert {answer["pid"] for answer in answers} <= web.pids()
        assert registry.counters().logins == 4
        assert web.stop() == 0, web.log
        assert "Traceback" not in web.log
    assert registry.counters().ended == {"logout": 4}
