"""What is published of a commit: wheel, sdist, SBOM and checksums, made step by step.

The rehearsal makes them of its copy, the release workflow of the tagged checkout, by
``--build``. Nothing that comes afterwards builds anything anew.
"""

from __future__ import annotations

from pathlib import Path

from . import artefacts, bill_of_materials, preparation
from .commands import Log
from .environments import PACKAGE, Environment
from .errors import ReleaseError
from .steps import Step

__all__ = ["Published"]


class Published:
    """The files of *version*, made of the checkout *project*, in *directory*.

    ``dist/`` in it has what goes to the index, and nothing else. *scratch* is for what
    nobody keeps.
    """

    def __init__(
        self, project: Path, version: str, directory: Path, scratch: Path, log: Log
    ) -> None:
        self.project = project
        self.directory = directory
        self.built: list[Path] = []
        self._version = version
        self._scratch = scratch
        self._log = log

    @property
    def wheel(self) -> Path:
        """The wheel, once it is built."""
        (wheel,) = (path for path in self.built if path.suffix == ".whl")
        return wheel

    def steps(self) -> list[Step]:
        """All of it, in order."""
        return [
            Step("build", self.build, "look into pyproject.toml, [tool.hatch.build]"),
            Step("same again", self.build_again, "compare both files by diffoscope"),
            Step("SBOM", self.write_bill, "look into the log at cyclonedx-py's words"),
            Step("checksums", self.write_checksums, "look into the log"),
        ]

    def build(self) -> str:
        """Build what is published."""
        self.built = artefacts.build(self.project, self.directory / "dist", self._log)
        for path in self.built:
            if f"-{self._version}" not in path.name:
                raise ReleaseError(f"{path.name} is not of version {self._version}")
        sizes = [f"{path.stat().st_size // 1024} KiB" for path in self.built]
        return "wheel {}, sdist {}".format(*sizes)

    def build_again(self) -> str:
        """Build in another place: nothing of a place may be in the files."""
        other = self._scratch / "elsewhere" / "copy"
        preparation.clone(self.project, other)
        again = artefacts.build(other, self._scratch / "again", self._log)
        artefacts.require_same(self.built, again)
        return "built in another place: the same bytes"

    def write_bill(self) -> str:
        """Say what an installation consists of."""
        environment = Environment(self._scratch / "bill", self._log)
        environment.require(f"{PACKAGE}[epp] @ {self.wheel.as_uri()}")
        return bill_of_materials.write(
            environment.python,
            self.project / "pyproject.toml",
            self.wheel,
            self._version,
            self.directory / f"{PACKAGE}-{self._version}.cdx.json",
            self._log,
        )

    def write_checksums(self) -> str:
        """Write SHA256SUMS."""
        count = artefacts.write_checksums(self.directory)
        return f"SHA256SUMS of {count} files"
