"""The rehearsal of a bad release: yanked, replaced, and what pip does in each state.

What docs/contingency.md says of it, with real uploads. The versions are made up. The
bad one is a package that cannot be imported.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from . import request
from .commands import Log
from .environments import PACKAGE, Environment, Installed
from .errors import CommandFailed, ReleaseError
from .history import BAD_ERROR, History
from .index import Index
from .published import build
from .steps import Step
from .upload import upload

__all__ = ["YankRehearsal"]

REASON = "cannot be imported"
_DIFFERS = "pip does not do what docs/contingency.md says: mend the page first"
_DIFFERS_IN_RELEASING = "mend the commands of docs/releasing.md, A bad release, too"
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
        self.history = History(root, scratch / "copy", log)

    def steps(self) -> list[Step]:
        """All of it, in order."""
        look = "look into the log"
        return [
            Step("checkout", self.look_at_checkout, "see docs/releasing.md, Before"),
            Step("copy", self.make_copy, look),
            Step("index", self.start_index, look),
            Step("good", self.publish_good, look),
            Step("bad", self.publish_bad, look),
            Step("a user", self.install_newest, look),
            Step("back", self.go_back, _DIFFERS),
            Step("yank", self.yank, look),
            Step("newest", self.install_newest_unyanked, _DIFFERS),
            Step("pinned", self.install_pinned, _DIFFERS),
            Step("upgrade", self.upgrade_in_vain, _DIFFERS),
            Step("next", self.publish_following, look),
            Step("merge", self.merge_back, _DIFFERS_IN_RELEASING),
            Step("over", self.upgrade, _DIFFERS),
            Step("held", self.hold_back, _DIFFERS),
        ]

    def look_at_checkout(self) -> str:
        """The code of all three is that of a commit."""
        return f"clean at {request.require_clean(self._root)}"

    def make_copy(self) -> str:
        """Clone HEAD: all three are made there, after what the package states."""
        self.history.begin()
        good, bad, following, _ = self.history.numbers
        return f"a clone of HEAD, to make {good}, {bad} and {following} of"

    def start_index(self) -> str:
        """Serve an index of our own."""
        self._stack.enter_context(self.index)
        return "pypiserver on 127.0.0.1, with marks for what is yanked"

    def publish_good(self) -> str:
        """Publish the release that works."""
        good = self.history.numbers.good
        self.history.release_good()
        self._publish(good)
        return f"{good} is published"

    def publish_bad(self) -> str:
        """Publish the one that does not."""
        bad = self.history.numbers.bad
        self.history.release_bad()
        self._publish(bad)
        self.history.go_on()
        return f"{bad} is published, and {REASON}"

    def install_newest(self) -> str:
        """A user gets the bad one."""
        bad = self.history.numbers.bad
        self._user = Environment(self._scratch / "user", self._log)
        self._user.require("gevent")
        self._expect(bad, PACKAGE)
        try:
            self._import()
        except CommandFailed as error:
            if f"ImportError: {BAD_ERROR}" not in error.said:
                raise
            return f"pip install takes {bad}; ImportError: {BAD_ERROR}"
        raise ReleaseError(f"{bad} was to be bad, and can be imported")

    def go_back(self) -> str:
        """What the user does before anybody else does anything."""
        good, bad, _, _ = self.history.numbers
        self._constrained(good, f"{PACKAGE}!={bad}")
        self._import()
        return f"a constraint !={bad} takes {good} again, which works"

    def yank(self) -> str:
        """What the maintainer does first."""
        bad = self.history.numbers.bad
        self.index.yank(bad, REASON)
        return f"{bad} is yanked: {REASON}"

    def install_newest_unyanked(self) -> str:
        """Who installs now gets the good one."""
        good = self.history.numbers.good
        self._environment("newcomer")
        self._expect(good, PACKAGE)
        self._import()
        return f"pip install takes {good}, which works"

    def install_pinned(self) -> str:
        """Who has pinned it gets it all the same, and is told."""
        bad = self.history.numbers.bad
        self._environment("pinned")
        said = self._expect(bad, f"{PACKAGE}=={bad}").said
        for line in (_WARNING, f"Reason for being yanked: {REASON}"):
            if line not in said:
                raise ReleaseError(f"pip did not say {line!r}")
        return f"pip install =={bad} takes it, and warns with the reason"

    def upgrade_in_vain(self) -> str:
        """Who has it keeps it: a yank takes nothing away."""
        bad = self.history.numbers.bad
        taken = self._here().install(self.index.url, "--upgrade", PACKAGE)
        if taken.url or self._here().version() != bad:
            raise ReleaseError(f"--upgrade has replaced {bad}")
        return f"pip install --upgrade leaves {bad} where it is"

    def publish_following(self) -> str:
        """The good code under a new number."""
        good, _, following, _ = self.history.numbers
        self.history.release_following()
        self._publish(following)
        return f"{following} is published: the code of {good}"

    def merge_back(self) -> str:
        """Main, which has the bad one, learns of it."""
        _, _, following, development = self.history.numbers
        self.history.merge_back()
        return f"main contains v{following}, and states {development}"

    def upgrade(self) -> str:
        """Who has the bad one is moved."""
        following = self.history.numbers.following
        self._expect(following, "--upgrade", PACKAGE)
        self._import()
        return f"pip install --upgrade takes {following}, which works"

    def hold_back(self) -> str:
        """Who trusts neither stays below."""
        good, bad, following, _ = self.history.numbers
        self._constrained(good, f"{PACKAGE}<{bad}")
        self._import()
        return f"a constraint <{bad} takes {good}, also down from {following}"

    def _publish(self, version: str) -> None:
        """Build what is checked out in the copy, and upload it."""
        directory = self._scratch / f"built-{version}"
        built = build(self.history.copy, directory, self._log)
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
