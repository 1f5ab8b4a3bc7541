"""The rehearsal of a bad release: yanked, replaced, and what pip does in each state.

What docs/contingency.md says of it, with real uploads. The versions are made up. The
bad one, 1.0.1, is a package that cannot be imported.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from . import preparation, request
from .commands import Log
from .environments import PACKAGE, Environment, Installed
from .errors import CommandFailed, ReleaseError
from .index import Index
from .published import build
from .steps import Step
from .upload import upload

__all__ = ["YankRehearsal"]

GOOD, BAD, NEXT = "1.0.0", "1.0.1", "1.0.2"
REASON = "cannot be imported"
_DIFFERS = "pip does not do what docs/contingency.md says: mend the page first"
_WARNING = "The candidate selected for download or install is a yanked version"


class YankRehearsal:
    """Three releases of the checkout *root*, published from the directory *scratch*."""

    def __init__(self, root: Path, scratch: Path, log: Log, stack: ExitStack) -> None:
        self._root = root
        self._scratch = scratch
        self._log = log
        self._stack = stack
        self.index = Index(scratch / "index", log)
        self._user: Environment | None = None

    def steps(self) -> list[Step]:
        """All of it, in order."""
        look = "look into the log"
        return [
            Step("checkout", self.look_at_checkout, "see docs/releasing.md, Before"),
            Step("index", self.start_index, look),
            Step("good", self.publish_good, look),
            Step("bad", self.publish_bad, look),
            Step("a user", self.install_newest, look),
            Step("back", self.go_back, _DIFFERS),
            Step("yank", self.yank, look),
            Step("newest", self.install_newest_unyanked, _DIFFERS),
            Step("pinned", self.install_pinned, _DIFFERS),
            Step("upgrade", self.upgrade_in_vain, _DIFFERS),
            Step("next", self.publish_next, look),
            Step("over", self.upgrade, _DIFFERS),
            Step("held", self.hold_back, _DIFFERS),
        ]

    def look_at_checkout(self) -> str:
        """The code of all three is that of a commit."""
        return f"clean at {request.require_clean(self._root)}"

    def start_index(self) -> str:
        """Serve an index of our own."""
        self._stack.enter_context(self.index)
        return "pypiserver on 127.0.0.1, with marks for what is yanked"

    def publish_good(self) -> str:
        """Publish the release that works."""
        self._publish(GOOD)
        return f"{GOOD} is published"

    def publish_bad(self) -> str:
        """Publish the one that does not."""
        self._publish(BAD, end='raise ImportError("the bad release")\n')
        return f"{BAD} is published, and {REASON}"

    def install_newest(self) -> str:
        """A user gets the bad one."""
        self._user = Environment(self._scratch / "user", self._log)
        self._user.require("gevent")
        self._expect(BAD, PACKAGE)
        try:
            self._import()
        except CommandFailed as error:
            if "ImportError: the bad release" not in error.said:
                raise
            return f"pip install takes {BAD}; ImportError: the bad release"
        raise ReleaseError(f"{BAD} was to be bad, and can be imported")

    def go_back(self) -> str:
        """What the user does before anybody else does anything."""
        self._constrained(GOOD, f"{PACKAGE}!={BAD}")
        self._import()
        return f"a constraint !={BAD} takes {GOOD} again, which works"

    def yank(self) -> str:
        """What the maintainer does first."""
        self.index.yank(BAD, REASON)
        return f"{BAD} is yanked: {REASON}"

    def install_newest_unyanked(self) -> str:
        """Who installs now gets the good one."""
        self._environment("newcomer")
        self._expect(GOOD, PACKAGE)
        self._import()
        return f"pip install takes {GOOD}, which works"

    def install_pinned(self) -> str:
        """Who has pinned it gets it all the same, and is told."""
        self._environment("pinned")
        said = self._expect(BAD, f"{PACKAGE}=={BAD}").said
        for line in (_WARNING, f"Reason for being yanked: {REASON}"):
            if line not in said:
                raise ReleaseError(f"pip did not say {line!r}")
        return f"pip install =={BAD} takes it, and warns with the reason"

    def upgrade_in_vain(self) -> str:
        """Who has it keeps it: a yank takes nothing away."""
        taken = self._here().install(self.index.url, "--upgrade", PACKAGE)
        if taken.url or self._here().version() != BAD:
            raise ReleaseError(f"--upgrade has replaced {BAD}")
        return f"pip install --upgrade leaves {BAD} where it is"

    def publish_next(self) -> str:
        """The good code under a new number."""
        self._publish(NEXT)
        return f"{NEXT} is published: the code of {GOOD}"

    def upgrade(self) -> str:
        """Who has the bad one is moved."""
        self._expect(NEXT, "--upgrade", PACKAGE)
        self._import()
        return f"pip install --upgrade takes {NEXT}, which works"

    def hold_back(self) -> str:
        """Who trusts neither stays below."""
        self._constrained(GOOD, f"{PACKAGE}<{BAD}")
        self._import()
        return f"a constraint <{BAD} takes {GOOD}, also down from {NEXT}"

    def _publish(self, version: str, end: str = "") -> None:
        copy = self._scratch / f"copy-{version}"
        preparation.clone(self._root, copy)
        module = copy / PACKAGE / "__init__.py"
        module.write_text(module.read_text("utf-8") + end, "utf-8")
        preparation.set_version(copy, version, self._log)
        built = build(copy, self._scratch / f"built-{version}", self._log)
        upload(self.index.upload_url, built, self._log)

    def _environment(self, name: str) -> None:
        self._user = Environment(self._scratch / name, self._log)
        self._user.require("gevent")

    def _here(self) -> Environment:
        assert self._user is not None, "a step before has made it"
        return self._user

    def _expect(self, version: str, *arguments: str) -> Installed:
        taken = self._here().install(self.index.url, *arguments)
        there = self._here().version()
        if there != version:
            words = " ".join(arguments)
            raise ReleaseError(f"pip install {words} took {there}, not {version}")
        return taken

    def _constrained(self, version: str, line: str) -> None:
        file = self._scratch / "constraints.txt"
        file.write_text(line + "\n", "utf-8")
        self._expect(version, "--constraint", str(file), PACKAGE)

    def _import(self) -> None:
        self._here().run("-c", f"import {PACKAGE}; {PACKAGE}.ConnectionPool")
