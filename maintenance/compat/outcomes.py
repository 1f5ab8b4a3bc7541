"""What can become of a cell: the ten outcomes, and nothing else."""

from __future__ import annotations

__all__ = [
    "BUILD_FAILURE",
    "CRASH",
    "EXECUTED",
    "FAIL",
    "IMPORT_FAILURE",
    "MEANING",
    "NO_ARTEFACT",
    "NO_INTERPRETER",
    "PASS",
    "TIMEOUT",
    "UNSUPPORTED",
    "YANKED",
]

PASS = "pass"
FAIL = "fail"
CRASH = "crash"
TIMEOUT = "timeout"
IMPORT_FAILURE = "import-failure"
BUILD_FAILURE = "build-failure"
NO_ARTEFACT = "no-artefact"
NO_INTERPRETER = "no-interpreter"
YANKED = "yanked"
UNSUPPORTED = "unsupported"

MEANING = {
    PASS: "every test of the cell passed",
    FAIL: "a test failed",
    CRASH: "the interpreter died of a signal",
    TIMEOUT: "the cell did not end in time",
    IMPORT_FAILURE: "gevent or this package can't be imported",
    BUILD_FAILURE: "the environment can't be made: something neither builds nor fits",
    NO_ARTEFACT: "the release has nothing that installs on this Python",
    NO_INTERPRETER: "this Python was not on the machine that ran the matrix",
    YANKED: "the release was withdrawn from the index; run only when asked for",
    UNSUPPORTED: "the release predates Python 3",
}
# In order of weight: where parts of a cell differ, the heaviest is the cell's.
EXECUTED = (CRASH, TIMEOUT, IMPORT_FAILURE, BUILD_FAILURE, FAIL, PASS)
