"""A pool whose numbers are scraped: prometheus-client's page on gevent's pywsgi.

Works a while, scrapes itself over HTTP, and prints what was counted.

Run by ``python -m gevent.monkey``, which patches first: what blocks is the
standard library's.
"""

from __future__ import annotations

import os
from urllib.request import urlopen

from gevent.pool import Pool
from gevent.pywsgi import WSGIServer
from prometheus_client import make_wsgi_app
from prometheus_client.parser import text_string_to_metric_families

from geventconnpool_ext.contrib.prometheus import PoolCollector, PrometheusHooks
from geventconnpool_ext.epp import CheckDomain, EPPPool, Login, client_factory

COMMANDS = 60


def main():
    """Work, scrape, print."""
    pool = EPPPool(
        client_factory(
            "localhost", int(os.environ["REGISTRY_PORT"]), ca_file=os.environ["CA_FILE"]
        ),
        lambda: Login("client", "password"),
        3,
        hooks=PrometheusHooks("registry"),
        name="registry",
    )
    PoolCollector(pool)
    server = WSGIServer(("127.0.0.1", 0), make_wsgi_app(), log=None)
    server.start()
    with pool:
        Pool(20).map(
            lambda number: pool.send(CheckDomain(f"name{number}.example")),
            range(COMMANDS),
        )
        with urlopen(f"http://127.0.0.1:{server.server_port}/metrics") as page:
            text = page.read().decode("utf-8")
    server.stop()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name.startswith("geventconnpool_ext_"):
                labels = [f"{k}={v}" for k, v in sorted(sample.labels.items())]
                print(sample.name, *labels, sample.value)


if __name__ == "__main__":
    main()
