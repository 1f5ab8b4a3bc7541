"""The software bill of materials: what an installation of the release consisted of.

cyclonedx-py reads it from an environment in which the wheel was installed; the
version, the hash of the wheel it is about, and a serial number, are added here.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from .checksums import digest
from .commands import Log
from .errors import ReleaseError

__all__ = ["require_valid", "write"]

_SCHEMA = SchemaVersion.V1_6
# By these actions/attest knows the format, and takes no file without one of them.
_KNOWN_BY = ("bomFormat", "serialNumber", "specVersion")


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
    bill["serialNumber"] = _serial_number(main["purl"], digest(wheel))
    path.write_text(json.dumps(bill, indent=2, sort_keys=True) + "\n", "utf-8")
    require_valid(path)
    return f"{len(_complete(bill))} components, CycloneDX {_SCHEMA.to_version()}"


def require_valid(path: Path) -> None:
    """Raises ReleaseError if the file does not fit CycloneDX's schema.

    Nor may anything be missing that actions/attest asks for.
    """
    there = json.loads(path.read_text("utf-8"))
    missing = [key for key in _KNOWN_BY if key not in there]
    if missing:
        raise ReleaseError(f"{path.name} has no {', '.join(missing)}")
    wrong = JsonStrictValidator(_SCHEMA).validate_str(path.read_text("utf-8"))
    if wrong is not None:
        raise ReleaseError(f"{path.name} does not fit the schema: {wrong}")


def _serial_number(purl: str, sha256: str) -> str:
    """The same for the same wheel: cyclonedx-py's own would be another each time."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{purl}#{sha256}").urn


def _complete(bill: dict[str, Any]) -> list[dict[str, Any]]:
    """Its components. Raises ReleaseError if gevent, which is always one, is not."""
    components: list[dict[str, Any]] = bill.get("components", [])
    if "gevent" not in [one["name"] for one in components]:
        raise ReleaseError("the bill of materials does not name gevent")
    return components
