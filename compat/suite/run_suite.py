"""Runs the suite of a cell inside of the cell, and writes a report of it.

``python run_suite.py`` runs every loop of the plan (cell.json, beside this file) in a
process of its own, so that a crash is told from a failure. The report, JSON, goes to
the file named by GEVENTCONNPOOL_EXT_CELL_REPORT, or to report.json beside this file.
The exit status is 0 where everything passed.

Source for Python 3.6, standard library only.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REPORT = "GEVENTCONNPOOL_EXT_CELL_REPORT"
TAIL = 40
# How faulthandler begins what it says of a run that hangs; pytest stands before it.
HANGS = re.compile(r"\bTimeout \(\d+:\d+:\d[\d.]*\)!$", re.MULTILINE)

# Where what matters begins.
BEGINNINGS = [re.compile("short test summary"), re.compile("Fatal Python error"), HANGS]

# greenlet's size is looked at when gevent is imported; a wrong one may crash later.
PROBE = """
import json, platform, sys
import gevent, greenlet
print(json.dumps({
    "python_version": platform.python_version(),
    "gevent": gevent.__version__,
    "greenlet": greenlet.__version__,
}))
sys.stdout.flush()
from gevent import event, lock, monkey, queue, server, socket, ssl
gevent.get_hub().loop
gevent.spawn(gevent.sleep, 0.001).get()
import geventconnpool_ext
assert "site-packages" in geventconnpool_ext.__file__, geventconnpool_ext.__file__
"""
EPP_PROBE = "import lxml.etree, trustme, geventconnpool_ext.epp"


def main():
    """Run the cell's suite; return the exit status."""
    with open(os.path.join(HERE, "cell.json")) as file:
        plan = json.load(file)
    report = {"stage": "import", "loops": [], "tail": []}
    report.update(dict.fromkeys(("python_version", "gevent", "greenlet")))
    try:
        run(plan, report)
    finally:
        target = os.environ.get(REPORT) or os.path.join(HERE, "report.json")
        with open(target + ".part", "w") as file:
            json.dump(report, file, indent=1)
        os.rename(target + ".part", target)
    return 0 if report["outcome"] == "pass" else 1


def run(plan, report):
    """Fill the report."""
    begun = time.time()
    status, said = call(["-W", "error::RuntimeWarning", "-c", PROBE])
    found = re.search(r"^\{.*\}$", said, re.MULTILINE)
    if found:
        report.update(json.loads(found.group()))
    if status == 0 and not same_version(report["gevent"], plan["gevent"]):
        status = 1
        said += "gevent {} is installed\n".format(report["gevent"])
    if status != 0:
        report["outcome"] = "crash" if died(status) else "import-failure"
        report["tail"] = tail_of(said, status)
        show(report["tail"])
        return
    report["stage"] = "suite"
    report["epp"] = any(loop["epp"] for loop in plan["loops"]) and (
        call(["-c", EPP_PROBE])[0] == 0
    )
    for loop in plan["loops"]:
        report["loops"].append(run_loop(loop, plan, report["epp"]))
    bad = [loop for loop in report["loops"] if loop["outcome"] != "pass"]
    report["outcome"] = bad[0]["outcome"] if bad else "pass"
    report["tail"] = bad[0]["tail"] if bad else []
    seconds = time.time() - begun
    show(["{}: {}, {:.1f} s".format(plan["cell"], report["outcome"], seconds)])


def same_version(one, other):
    """Tell whether two versions are the same: gevent 22.8.0 calls itself 22.08.0."""
    return re.sub(r"\b0+(?=\d)", "", one) == re.sub(r"\b0+(?=\d)", "", other)


def run_loop(loop, plan, epp):
    """Run the tests of one loop; return its part of the report."""
    counts = os.path.join(HERE, "counts-{}.json".format(loop["loop"]))
    if os.path.exists(counts):
        os.remove(counts)
    env = dict(
        os.environ,
        # What runs is what the cell says, not what happens to be installed.
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
        GEVENTCONNPOOL_EXT_CELL_LOOP=loop["loop"],
        GEVENTCONNPOOL_EXT_CELL_COUNTS=counts,
    )
    env.pop("GEVENT_LOOP", None)
    if loop["chosen"]:
        env["GEVENT_LOOP"] = loop["loop"]
    tests = loop["tests"] + (loop["epp"] if epp else [])
    begun = time.time()
    # The plugin bounds it from inside; this is for a process that is beyond that.
    status, said = call(
        ["-m", "pytest", "-c", "pytest.ini", *tests], env, plan["seconds"] + 30
    )
    part = {"loop": loop["loop"], "passed": 0, "failed": 0, "skipped": 0, "tail": []}
    if os.path.exists(counts):
        with open(counts) as file:
            part.update(json.load(file))
    part["seconds"] = round(time.time() - begun, 1)
    if status == 0:
        part["outcome"] = "pass"
    elif died(status):
        part["outcome"] = "crash"
    elif status is None or HANGS.search(said):
        part["outcome"] = "timeout"
    else:
        part["outcome"] = "fail"
    if status != 0:
        part["tail"] = tail_of(said, status)
        show([said])
    words = "{loop}: {outcome}, {passed} passed, {failed} failed, {seconds} s"
    show([words.format(**part)])
    return part


def call(arguments, env=None, seconds=60):
    """Run Python; return its status (None: it had to be killed) and its output."""
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", *arguments],
        cwd=HERE,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=seconds)
        status = process.returncode
    except subprocess.TimeoutExpired:
        status = None
    # Whatever it left behind is in its group.
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass
    if status is None:
        said, _ = process.communicate()
    return status, said.decode("utf-8", "replace")


def died(status):
    """Whether a signal ended the process."""
    return status is not None and status < 0


def tail_of(said, status):
    """Return the last lines that matter, without paths of this machine."""
    lines = said.splitlines()
    for number, line in enumerate(lines):
        if any(beginning.search(line) for beginning in BEGINNINGS):
            lines = lines[max(0, number - TAIL // 2) :]
            break
    lines = lines[:TAIL] if died(status) or HANGS.search(said) else lines[-TAIL:]
    if died(status):
        lines.append("ended by signal {}".format(-status))
    if status is None:
        lines.append("did not end, and was killed")
    places = [HERE, os.path.realpath(sys.prefix), sys.prefix]
    places += [os.path.realpath(sys.base_prefix), os.path.expanduser("~")]
    for place in places:
        lines = [line.replace(place, "...") for line in lines]
    return lines


def show(lines):
    """Print lines."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
