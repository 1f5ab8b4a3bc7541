"""Where a package is missing, its module says how to install it, and only then."""

from __future__ import annotations

import pytest

from ..packaging.test_imports import run


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("prometheus", "prometheus_client", "prometheus"),
        ("opentelemetry", "opentelemetry", "opentelemetry"),
    ],
)
def test_a_missing_package_is_named_with_its_install_line(module, package, extra):
    shown = run(
        "try:\n"
        "    import geventconnpool_ext.contrib.{}\n"
        "except ImportError as error:\n"
        "    print(error)".format(module),
        without={package},
    )
    line = " ".join(shown)
    assert line.startswith("geventconnpool_ext.contrib.{} needs ".format(module))
    assert line.endswith('pip install "geventconnpool_ext[{}]"'.format(extra))


def test_contrib_itself_needs_nothing():
    without = {"prometheus_client", "opentelemetry", "lxml"}
    shown = run(
        "import geventconnpool_ext.contrib.combined, "
        "geventconnpool_ext.contrib.lease_times; print('imported')",
        without=without,
    )
    assert shown == ["imported"]


@pytest.mark.parametrize("module", ["prometheus", "opentelemetry"])
def test_metrics_of_any_pool_need_no_lxml(module):
    pytest.importorskip({"prometheus": "prometheus_client"}.get(module, module))
    shown = run(
        "import geventconnpool_ext.contrib.{}; print('imported')".format(module),
        without={"lxml"},
    )
    assert shown == ["imported"]
