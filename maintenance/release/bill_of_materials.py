"""The software bill of materials: what an installation of the release consisted of.

cyclonedx-py reads it from an environment in which the wheel was installed; the
version, and the hash of the wheel it is about, are added here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from .checksums import digest
from .commands import Log
from .errors import ReleaseError

__all__ = ["require_valid", "write"]

_SCHEMA = SchemaVersion.V1_6


def write(
    environment: Path, project: Path, wheel: Path, version: str, path: Path, log: Log
) -> str:
    """Write the bill of *environment* to *path*; return what is in it, in words.

    *environment* is an interpreter, *project* the pyproject.toml of the wheel that is
    installed there.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "environment"]
    command += ["--output-reproducible", "--spec-version", _SCHEMA.to_version()]
    command += ["--pyproject", str(project), "--mc-type", "library"]
    log.run([*command, "--output-file", str(path), str(environment)], path.parent)
    bill = json.loads(path.read_text("utf-8"))
    main = bill["metadata"]["component"]
    main["version"] = version
    main["purl"] = f"pkg:pypi/{main['name'].replace('_', '-')}@{version}"
    main["hashes"] = [{"alg": "SHA-256", "content": digest(wheel)}]
    path.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", "utf-8")
    require_valid(path)
    return f"{len(_complete(bill))} components, CycloneDX {_SCHEMA.to_version()}"


def require_valid(path: Path) -> None:
    """Raises ReleaseError if the file does not fit CycloneDX's schema."""
    wrong = JsonStrictValidator(_SCHEMA).validate_str(path.read_text("utf-8"))
    if wrong is not None:
        raise ReleaseError(f"{path.name} does not fit the schema: {wrong}")


def _complete(bill: dict[str, Any]) -> list[dict[str, Any]]:
    """Its components. Raises ReleaseError if gevent, which is always one, is not."""
    components: list[dict[str, Any]] = bill.get("components", [])
    if "gevent" not in [one["name"] for one in components]:
        raise ReleaseError("the bill of materials does not name gevent")
    return components
