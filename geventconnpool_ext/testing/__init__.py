"""An EPP registry to test against: a real one, in memory, over real TLS.

``with Server(Registry()) as server`` is all it takes; ``FaultPlan`` says what
goes wrong. Needs the extra ``testing``. Names are imported when they are first
used, since pytest imports this package wherever it is installed.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    from .certificates import Certificates
    from .counters import Counters
    from .faults import Fault, FaultPlan
    from .limits import Limits
    from .record import Execution, Record
    from .registry import Registry
    from .server import Server

__all__ = [
    "Certificates",
    "Counters",
    "Execution",
    "Fault",
    "FaultPlan",
    "Limits",
    "Record",
    "Registry",
    "Server",
]

_MODULES = {
    "Certificates": "certificates",
    "Counters": "counters",
    "Execution": "record",
    "Fault": "faults",
    "FaultPlan": "faults",
    "Limits": "limits",
    "Record": "record",
    "Registry": "registry",
    "Server": "server",
}


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError("module {!r} has no attribute {!r}".format(__name__, name))
    value = getattr(importlib.import_module("." + module, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted(set(globals()) | set(__all__))


if sys.version_info < (3, 7):  # noqa: UP036 - where modules cannot be asked
    try:
        for _name in __all__:
            __getattr__(_name)
    except ImportError:
        pass  # without the extra there is nothing to import
