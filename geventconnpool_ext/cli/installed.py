"""What is installed beside the package: versions, and the parts that need more."""

from __future__ import annotations

import importlib.util
import sys
from typing import Callable, NamedTuple

from .finding import NOTE, OK, Finding

__all__ = ["extras", "install", "version"]

_PACKAGE = "geventconnpool_ext"


class _Part(NamedTuple):
    module: str
    distribution: str
    extra: str
    use: str


_PARTS = (
    _Part("lxml", "lxml", "epp", "EPP, ping"),
    _Part("rich", "rich", "cli", "demo"),
    _Part("cryptography", "cryptography", "cli", "reads certificates"),
    _Part("prometheus_client", "prometheus-client", "prometheus", "metrics"),
    _Part("opentelemetry", "opentelemetry-api", "opentelemetry", "metrics, spans"),
    _Part("matplotlib", "matplotlib", "plot", "demo --plot"),
    _Part("trustme", "trustme", "testing", "demo, serve"),
)


def extras() -> Finding:
    """Which optional parts are there, and which are not."""
    there, missing = [], []
    for part in _PARTS:
        if importlib.util.find_spec(part.module) is None:
            missing.append(part)
        else:
            there.append(
                "{} {} ({})".format(
                    part.distribution, version(part.distribution), part.use
                )
            )
    if importlib.util.find_spec("epplib") is not None:
        there.append("epplib {}".format(version("epplib")))
    if not missing:
        return Finding("extras", OK, "all are installed", details=there)
    names = ", ".join("{} ({})".format(part.distribution, part.use) for part in missing)
    wanted = ",".join(dict.fromkeys(part.extra for part in missing))
    # Without lxml half of the package is missing; the others are wanted by few.
    return Finding(
        "extras",
        NOTE if missing[0].module == "lxml" else OK,
        "not installed: {}".format(names),
        "EPP needs lxml; the pool alone needs no extra.",
        install("'{}[{}]'".format(_PACKAGE, wanted)) + ", as far as you want them",
        there,
    )


def install(what: str) -> str:
    """The command that installs *what*."""
    return "python -m pip install {}".format(what)


def version(distribution: str) -> str:
    """The version of *distribution*, or ``unknown``."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed_version

    ask: Callable[[str], str] = installed_version
    try:
        return ask(distribution)
    except PackageNotFoundError:
        module = sys.modules.get(distribution)
        return str(getattr(module, "__version__", "unknown"))
