"""What is read from an index: a real one on loopback, speaking PEP 691 and 700."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from maintenance.compat import releases
from maintenance.compat.errors import CompatError
from maintenance.compat.index import fetch

COMMITTED = Path(__file__).resolve().parents[3] / "compat" / "releases.json"


def entry(filename, uploaded="2024-05-06", **more):
    return {
        "filename": filename,
        "url": "../../files/" + filename,
        "hashes": {"sha256": "sha of " + filename},
        "upload-time": uploaded + "T07:08:09.000000Z",
        **more,
    }


@pytest.fixture
def index():
    """An index whose files a test fills in; ``url`` is where it is."""

    class Index(BaseHTTPRequestHandler):
        files = ()

        def do_GET(self):
            if self.path != "/simple/gevent/":
                self.send_error(404)
                return
            content = {"meta": {"api-version": "1.1"}, "name": "gevent"}
            content["files"] = self.files
            content["versions"] = []
            self.send_response(200)
            self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    Index.url = "http://127.0.0.1:{}/simple/".format(server.server_address[1])
    yield Index
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_release_is_found_oldest_first_whatever_python_asks(index):
    index.files = [
        entry("gevent-21.8.0-cp39-cp39-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
        entry("gevent-1.1a1.tar.gz", "2015-01-02"),
        entry("gevent-1.0.tar.gz", "2013-01-02"),
        entry("gevent-21.8.0-cp27-cp27mu-manylinux2010_x86_64.whl"),
        entry("gevent-9.0-cp315-cp315-manylinux_2_28_x86_64.whl"),
    ]
    found = fetch(index.url)
    assert [
        (r.version, r.prerelease, r.predates_python3, list(r.wheels)) for r in found
    ] == [
        ("1.0", False, True, []),
        ("1.1a1", True, False, []),
        ("9.0", False, False, ["3.15"]),
        ("21.8.0", False, False, ["3.9"]),
    ]
    assert found[1].sdist == releases.File(
        "gevent-1.1a1.tar.gz", "sha of gevent-1.1a1.tar.gz"
    )
    assert found[1].uploaded == "2015-01-02"


def test_only_wheels_for_cpython_on_this_platform_count(index):
    index.files = [
        entry("gevent-2.0-cp36-cp36m-manylinux1_x86_64.whl"),
        entry("gevent-2.0-cp37-cp37m-manylinux1_i686.whl"),
        entry("gevent-2.0-cp38-cp38-musllinux_1_1_x86_64.whl"),
        entry("gevent-2.0-cp39-cp39-win_amd64.whl"),
        entry("gevent-2.0-pp310-pypy310_pp73-manylinux2014_x86_64.whl"),
        entry("gevent-2.0-cp313-cp313t-manylinux2014_x86_64.whl"),
    ]
    (found,) = fetch(index.url)
    assert list(found.wheels) == ["3.6"]


def test_a_wheel_of_the_stable_abi_counts_for_every_later_python(index):
    index.files = [
        entry("gevent-2.0-cp39-abi3-manylinux2014_x86_64.whl"),
        entry("gevent-2.0-cp311-cp311-manylinux2014_x86_64.whl"),
    ]
    (found,) = fetch(index.url)
    assert "3.8" not in found.wheels
    assert "abi3" in found.wheels["3.9"].filename
    assert "cp311-cp311" in found.wheels["3.11"].filename
    assert "abi3" in found.wheels["3.12"].filename


def test_the_newest_build_of_a_wheel_is_taken(index):
    index.files = [
        entry(f"gevent-2.0{build}-cp39-cp39-manylinux2014_x86_64.whl")
        for build in ("-2", "-10", "")
    ]
    (found,) = fetch(index.url)
    assert "-10-" in found.wheels["3.9"].filename


def test_a_release_is_yanked_when_all_of_its_files_are(index):
    index.files = [
        entry("gevent-2.0.tar.gz", yanked="broken"),
        entry("gevent-3.0.tar.gz", yanked=True),
        entry("gevent-3.0-cp39-cp39-manylinux2014_x86_64.whl"),
    ]
    two, three = fetch(index.url)
    assert (two.yanked, two.yanked_reason) == (True, "broken")
    assert not three.yanked


def test_what_is_saved_is_read_back_alike(index, tmp_path):
    index.files = [
        entry("gevent-2.0-cp39-cp39-manylinux2014_x86_64.whl"),
        entry("gevent-2.0.tar.gz", **{"requires-python": ">=3.9"}),
    ]
    found = fetch(index.url)
    assert found[0].requires_python == ">=3.9"
    releases.save(tmp_path / "releases.json", found)
    assert releases.load(tmp_path / "releases.json") == found


def test_the_news_say_what_is_new_gone_and_changed(index):
    index.files = [entry("gevent-2.0.tar.gz"), entry("gevent-3.0.tar.gz")]
    before = fetch(index.url)
    index.files = [
        entry("gevent-3.0.tar.gz", yanked="broken"),
        entry("gevent-4.0.tar.gz"),
    ]
    assert releases.news(before, fetch(index.url)) == [
        "4.0 is new",
        "2.0 is gone from the index",
        "3.0 has changed: yanked, yanked_reason",
    ]


def test_an_index_without_gevent_changes_nothing(index, tree):
    tree.has()
    before = (tree.root / "compat" / "releases.json").read_text()
    done = tree.run("--refresh", "--index", index.url)
    assert done.returncode == 2
    assert "nothing is changed" in done.stdout
    assert (tree.root / "compat" / "releases.json").read_text() == before


def test_the_command_refreshes_from_the_index_and_tells_what_is_new(index, tree):
    index.files = [entry("gevent-5.0.tar.gz")]
    done = tree.run("--refresh", "--index", index.url)
    assert done.returncode == 0, done.stdout
    assert "gevent 5.0 is new" in done.stdout
    (found,) = releases.load(tree.root / "compat" / "releases.json")
    assert found.version == "5.0"


def test_an_index_that_does_not_answer_is_told_in_a_sentence(index):
    with pytest.raises(CompatError, match="the index did not answer for gevent"):
        fetch(index.url.replace("/simple/", "/elsewhere/"))


def test_an_index_that_tells_no_upload_times_is_refused(index):
    index.files = [entry("gevent-5.0.tar.gz")]
    del index.files[0]["upload-time"]
    with pytest.raises(CompatError, match=r"no upload time for 5\.0"):
        fetch(index.url)


def test_a_file_that_is_not_there_or_not_readable_is_told(tmp_path):
    path = tmp_path / "releases.json"
    with pytest.raises(CompatError, match="is missing; --refresh makes it"):
        releases.load(path)
    path.write_text('{"releases": [{"version": "1.0"}]}')
    with pytest.raises(CompatError, match="can't be read"):
        releases.load(path)


def test_the_committed_file_has_all_that_was_measured_by_hand():
    known = [
        release
        for release in releases.load(COMMITTED)
        if release.uploaded < "2026-11-24"
    ]
    assert sum(not release.prerelease for release in known) == 76
    assert sum(release.prerelease for release in known) == 23
    # An index may still get a wheel for an old release.
    assert sum(len(release.wheels) for release in known) >= 210
    assert sum(release.predates_python3 for release in known) == 21
