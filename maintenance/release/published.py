"""What is published of a commit: wheel, sdist, SBOM and checksums, made step by step.

The rehearsal makes them of its copy, the release workflow of the tagged checkout, by
``--build``. Nothing that comes afterwards builds anything anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Callable, TypeVar

from maintenance.artefacts import building, judging
from maintenance.artefacts.building import Artefacts
from maintenance.artefacts.errors import ArtefactError

from . import bill_of_materials
from .checksums import write_checksums
from .commands import Log, chief_line
from .environments import PACKAGE, Environment
from .errors import ReleaseError
from .steps import Step

__all__ = ["Published", "build"]

Result = TypeVar("Result")


class Published:
    """The files of *version*, made of the checkout *project*, in *directory*.

    ``dist/`` in it has what goes to the index, and nothing else. *scratch* is for what
    nobody keeps.
    """

    def __init__(
        self, project: Path, version: str, directory: Path, scratch: Path, log: Log
    ) -> None:
        self.built: Artefacts
        self._project = project
        self._directory = directory
        self._version = version
        self._scratch = scratch
        self._log = log

    def steps(self) -> list[Step]:
        """All of it, in order."""
        return [
            Step(
                "build", self.build, "the log has the cause; mend it in pyproject.toml"
            ),
            Step("same again", self.build_again, "find what differs, and why"),
            Step("metadata", self.check_metadata, "mend what the tool names"),
            Step("SBOM", self.write_bill, "look into the log at cyclonedx-py's words"),
            Step("checksums", self.write_checksums, "look into the log"),
        ]

    def build(self) -> str:
        """Build what is published."""
        self.built = build(self._project, self._directory / "dist", self._log)
        for path in self.built:
            if f"-{self._version}" not in path.name:
                raise ReleaseError(f"{path.name} is not of version {self._version}")
        sizes = [f"{path.stat().st_size // 1024} KiB" for path in self.built]
        return "sdist {}, wheel {}".format(*sizes)

    def build_again(self) -> str:
        """Build anew, otherwise: time and place must not show."""
        _as_release_error(
            lambda: building.require_same(self._project, self.built), self._log
        )
        return "a second build made the same bytes"

    def check_metadata(self) -> str:
        """Have other people's tools look at it."""
        _as_release_error(
            lambda: judging.check_metadata(self._project, self.built), self._log
        )
        return "twine, check-wheel-contents, validate-pyproject: fine"

    def write_bill(self) -> str:
        """Say what an installation consists of."""
        environment = Environment(self._scratch / "bill", self._log)
        environment.require(f"{PACKAGE}[epp] @ {self.built.wheel.as_uri()}")
        return bill_of_materials.write(
            environment.python,
            self._project / "pyproject.toml",
            self.built.wheel,
            self._version,
            self._directory / f"{PACKAGE}-{self._version}.cdx.json",
            self._log,
        )

    def write_checksums(self) -> str:
        """Write SHA256SUMS."""
        return f"SHA256SUMS of {write_checksums(self._directory)} files"


def build(project: Path, directory: Path, log: Log) -> Artefacts:
    """Build *project* into *directory*; raises ReleaseError."""
    return _as_release_error(lambda: building.build(project, directory), log)


def _as_release_error(do: Callable[[], Result], log: Log) -> Result:
    """Do it; all that a failure says goes to the log, its end to the error."""
    try:
        return do()
    except ArtefactError as error:
        log.write(str(error))
        # Paths are in the log; here is which tool, and why.
        words = [w for w in str(error).partition("\n")[0].split() if "/" not in w]
        raise ReleaseError(f"{' '.join(words)}: {chief_line(str(error))}") from error
