"""The dry run: a release from the checkout to an index, without the checkout or PyPI.

Each method is a step. What is made comes from a copy of HEAD; the files that would
have been published stay in ``.cache/release/VERSION/``, to be looked at.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

from packaging.version import Version

from . import matrix, preparation, request
from .checksums import digest
from .commands import Log
from .environments import PACKAGE, Environment
from .errors import CommandFailed, ReleaseError
from .index import Index
from .published import Published
from .steps import Step
from .upload import upload

__all__ = ["DryRun"]

_MAIN_JOB = Path(__file__).with_name("main_job.py")
_DEMO = ("--commands=120", "--clients=40", "--sessions=4", "--json")
_NOT_WRITTEN = (
    "[tool.hatch.version] in pyproject.toml must name the file that states it"
)
_DEFECT = "a defect of the release: mend it, commit, and begin again"


class DryRun:
    """The release of *version* from the checkout *root*, in the directory *scratch*.

    *kept* is where the files to publish go; *stack* ends what has to be ended. The
    steps use ``files`` and ``index``.
    """

    def __init__(
        self,
        root: Path,
        version: Version,
        scratch: Path,
        kept: Path,
        log: Log,
        stack: ExitStack,
    ) -> None:
        self._root = root
        self._parsed = version
        self._version = str(version)
        self._scratch = scratch
        self._copy = scratch / "copy"
        self.files = Published(self._copy, str(version), kept, scratch, log)
        self._log = log
        self.index = Index(scratch / "index", log)
        self._stack = stack
        self._installed: Environment | None = None

    def steps(self) -> list[Step]:
        """All of it, in order."""
        return [
            Step("checkout", self.look_at_checkout, "see docs/releasing.md, Before"),
            Step("matrix", self.look_at_matrix, "it never fails"),
            Step("copy", self.make_copy, "look whether git can clone the checkout"),
            Step("version", self.set_version, _NOT_WRITTEN),
            Step("changelog", self.write_changelog, "mend the fragment that is named"),
            Step("tag", self.commit_and_tag, "look into the log at what git said"),
            *self.files.steps(),
            Step("index", self.start_index, "look whether ports can be opened here"),
            Step("upload", self.upload, "look into the log at twine's words"),
            Step("no second", self.upload_again, "an index must never replace a file"),
            Step("install", self.install, "look into the log at pip's words"),
            Step("dependencies", self.require, "look into the log at pip's words"),
            Step("main job", self.do_main_job, _DEFECT),
            Step("demo", self.run_demo, _DEFECT),
        ]

    def look_at_checkout(self) -> str:
        """Clean, newer than the last release, and with something to tell."""
        return request.require_ready(self._root, self._parsed)

    def look_at_matrix(self) -> str:
        """How much of the compatibility matrix is stale: for a person to judge."""
        return matrix.results_of_this_code(self._root)

    def make_copy(self) -> str:
        """Clone HEAD: from here on the checkout is only read."""
        preparation.clone(self._root, self._copy)
        return "a clone of HEAD; the checkout is left alone"

    def set_version(self) -> str:
        """Write the version."""
        return preparation.set_version(self._copy, self._version, self._log)

    def write_changelog(self) -> str:
        """Make the section."""
        return preparation.write_changelog(self._copy, self._version, self._log)

    def commit_and_tag(self) -> str:
        """Commit, and tag."""
        preparation.commit(self._copy, self._version, as_nobody=True)
        return preparation.tag(self._copy, self._version) + ", annotated"

    def start_index(self) -> str:
        """Serve an index of our own."""
        self._stack.enter_context(self.index)
        return "pypiserver on 127.0.0.1, empty"

    def upload(self) -> str:
        """Upload wheel and sdist; they must arrive as they are."""
        upload(self.index.upload_url, self.files.built, self._log)
        there = self.index.files()
        for path in self.files.built:
            arrived = there.get(path.name)
            if arrived is None or digest(arrived) != digest(path):
                raise ReleaseError(f"{path.name} did not arrive as it was sent")
        return "by twine: wheel and sdist, as they were built"

    def upload_again(self) -> str:
        """Upload the same once more: a release is never replaced."""
        try:
            upload(self.index.upload_url, self.files.built, self._log)
        except CommandFailed as refused:
            if "400 Bad Request" not in refused.said:
                raise
            return "the same upload again is refused"
        raise ReleaseError("the index took the same file a second time")

    def install(self) -> str:
        """Install by pip from that index, and prove that it is the file built above."""
        environment = Environment(self._scratch / "installed", self._log)
        wanted = f"{PACKAGE}=={self._version}"
        taken = environment.install(self.index.url, wanted)
        if not taken.url.startswith(self.index.upload_url):
            raise ReleaseError(f"pip took {taken.url}, not the file of the rehearsal")
        expected = digest(self.files.built.wheel)
        if taken.sha256 != expected:
            raise ReleaseError(f"pip took a file of SHA-256 {taken.sha256}")
        self._installed = environment
        return f"by pip from there: SHA-256 {expected[:12]}... as built"

    def require(self) -> str:
        """Install what it needs, from where pip is configured to look."""
        environment = self._environment()
        environment.require(f"{PACKAGE}[cli,epp,testing]=={self._version}")
        environment.check()
        version = environment.version()
        if version != self._version:
            raise ReleaseError(f"{version} is installed now, not {self._version}")
        return "from the configured index; pip check is content"

    def do_main_job(self) -> str:
        """Run the main job there."""
        return self._environment().run(str(_MAIN_JOB)).strip().splitlines()[-1]

    def run_demo(self) -> str:
        """Run the demo there."""
        said = self._environment().run("-m", PACKAGE, "demo", *_DEMO)
        pool = json.loads(said[said.index("{") :])["pool"]
        counts = ", ".join(
            f"{pool[how]} {how}" for how in ("lost", "doubled", "crossed")
        )
        return f"{pool['commands']} commands: {counts}"

    def _environment(self) -> Environment:
        assert self._installed is not None, "the step before has installed it"
        return self._installed
