"""Where the hashes of this release come from, and what is reported if there are none."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.commands import package_hashes as packaged
from graphpolicy.commands.package_hashes import SIMPLE, installed

WHEEL, SOURCE, OTHER = "a" * 64, "b" * 64, "c" * 64


def entry(filename: str, hash_: str) -> dict[str, Any]:
    return {"filename": filename, "hashes": {"sha256": hash_}}


FILES = [
    entry("graphpolicy-0.1.0-py3-none-any.whl", WHEEL),
    entry("graphpolicy-0.1.0.tar.gz", SOURCE),
    entry("graphpolicy-0.1.0.post1.tar.gz", OTHER),
    entry("graphpolicy-0.1.0rc1-py3-none-any.whl", OTHER),
    {"filename": "graphpolicy-0.1.0-1-py3-none-any.whl", "hashes": {}},
]


class Index:
    """A package index with the given answers."""

    def __init__(self) -> None:
        self.status, self.body, self.asked = 200, json.dumps({"files": FILES}), [("", "", "")]


@pytest.fixture
def index() -> Index:
    return Index()


@pytest.fixture
def url(index: Index) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = self.headers
            index.asked.append(
                (self.path, headers.get("Accept", ""), headers.get("Authorization", ""))
            )
            self.send_response(index.status)
            self.end_headers()
            self.wfile.write(index.body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the installer recorded."""
    written: dict[str, Any] = {"dir_info": {"editable": True}, "url": "file:///work"}
    monkeypatch.setattr(packaged, "_direct_url", lambda: written)
    return written


@pytest.mark.parametrize(
    "archive",
    [{"hashes": {"sha256": WHEEL}}, {"hash": f"sha256={WHEEL}"}],
    ids=["PEP 610", "older"],
)
def test_a_wheel_that_it_was_installed_from_says_its_hash(
    archive: Any, direct: dict[str, Any], url: str, index: Index
) -> None:
    direct["archive_info"] = archive
    found = installed({"PIP_INDEX_URL": f"http://{url}/simple"}, "0.1.0")
    assert found.line == f"graphpolicy==0.1.0 \\\n    --hash=sha256:{WHEEL}\n"
    assert len(index.asked) == 1


@pytest.mark.parametrize("variable", ["PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"])
def test_else_the_index_is_asked_for_just_this_version(
    variable: str, url: str, index: Index
) -> None:
    found = installed({variable: f"http://{url}/simple/"}, "0.1.0")
    assert found.hashes == (WHEEL, SOURCE)
    assert index.asked[1:] == [("/simple/graphpolicy/", SIMPLE, "")]


def test_the_password_of_an_index_is_sent_to_it_and_told_to_nobody(url: str, index: Index) -> None:
    index.status = 500
    found = installed({"PIP_INDEX_URL": f"http://ana:s%40crt@{url}/simple"}, "0.1.0")
    assert index.asked[-1][2] == f"Basic {base64.b64encode(b'ana:s@crt').decode()}"
    assert (found.hashes, "crt" in found.origin) == ((), False)
    assert found.origin.startswith("127.0.0.1 could not be asked")


@pytest.mark.parametrize(
    "body", ["", "<html>", "[]", "{}", '{"files": [1]}', '{"files": [{"filename": "x"}]}']
)
def test_an_index_that_answers_something_else_leaves_it_open(
    body: str, url: str, index: Index
) -> None:
    index.body = body
    found = installed({"PIP_INDEX_URL": f"http://{url}/simple"}, "0.1.0")
    assert found.line == "graphpolicy==0.1.0\n"


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/simple", "file:///etc", "nonsense"])
def test_an_index_that_can_not_be_asked_leaves_it_open(address: str) -> None:
    found = installed({"PIP_INDEX_URL": address}, "0.1.0")
    assert (found.hashes, "could not be asked" in found.origin) == ((), True)


def test_a_version_that_the_index_lacks_is_said(url: str) -> None:
    found = installed({"PIP_INDEX_URL": f"http://{url}/simple"}, "9.9")
    assert found.origin == "127.0.0.1 does not have this version"


def test_a_wheel_that_is_still_there_goes_into_the_repository(
    direct: dict[str, Any], tmp_path: Path
) -> None:
    wheel = tmp_path / "a b" / "graphpolicy-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"wheel")
    own = hashlib.sha256(b"wheel").hexdigest()
    direct |= {"url": wheel.as_uri(), "archive_info": {"hashes": {"sha256": own}}}
    found = installed({}, "0.1.0")
    assert (found.path, found.content) == (f".github/{wheel.name}", b"wheel")
    assert found.line == f"./.github/{wheel.name} \\\n    --hash=sha256:{own}\n"
    wheel.write_bytes(b"another")
    assert installed({}, "0.1.0").line.startswith("graphpolicy==0.1.0 ")


def test_a_wheel_whose_installer_records_no_hash_is_locked_if_it_is_the_one(
    direct: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uv writes `archive_info: {}`."""
    from importlib import metadata
    from types import SimpleNamespace
    from zipfile import ZipFile

    wheel = tmp_path / "graphpolicy-0.1.0-py3-none-any.whl"
    with ZipFile(wheel, "w") as made:
        made.writestr("graphpolicy-0.1.0.dist-info/RECORD", "graphpolicy/a.py,sha256=A,1\nx,,\n")
    direct |= {"url": wheel.as_uri(), "archive_info": {}}
    there = "graphpolicy/a.py,sha256=A,1\ngraphpolicy/__pycache__/a.pyc,,\n../../bin/g,sha256=B,2\n"
    for record, locked in ((there, True), (there.replace("=A", "=C"), False), (None, False)):
        own = SimpleNamespace(read_text=lambda _, record=record: record)
        monkeypatch.setattr(metadata, "distribution", lambda _, own=own: own)
        found = installed({"PIP_INDEX_URL": "nonsense"}, "0.1.0")
        assert (found.locked, found.content == wheel.read_bytes()) == (locked, locked)


COMMIT = "0123456789abcdef0123456789abcdef01234567"
PAGE = "https://contoso.com/graphpolicy-0.1.0-py3-none-any.whl"


@pytest.mark.parametrize(
    ("written", "line"),
    [
        (
            {
                "url": "https://github.com/contoso/graphpolicy.git",
                "vcs_info": {"commit_id": COMMIT},
            },
            f"graphpolicy @ git+https://github.com/contoso/graphpolicy.git@{COMMIT}",
        ),
        (
            {
                "url": PAGE,
                "archive_info": {"hash": f"sha256={WHEEL}"},
            },
            f"graphpolicy @ {PAGE} \\\n    --hash=sha256:{WHEEL}",
        ),
        ({"url": "ssh://git@github.com/x/y", "vcs_info": {"commit_id": COMMIT}}, ""),
        ({"url": "https://ana:s@github.com/x/y", "vcs_info": {"commit_id": COMMIT}}, ""),
        ({"url": "https://github.com/x/y", "vcs_info": {"commit_id": "main"}}, ""),
        ({"url": "https://github.com/x/y z", "vcs_info": {"commit_id": COMMIT}}, ""),
    ],
)
def test_what_jobs_can_read_is_locked_by_its_address(
    written: dict[str, Any], line: str, direct: dict[str, Any]
) -> None:
    direct.clear()
    direct |= written
    found = installed({"PIP_INDEX_URL": "http://127.0.0.1:9/simple"}, "0.1.0")
    assert found.line == f"{line or 'graphpolicy==0.1.0'}\n"
    assert found.locked == bool(line)
