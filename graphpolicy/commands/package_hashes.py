"""Where jobs get this release: from what it was installed from, else from a package index."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from graphpolicy import __version__
from graphpolicy.model import Json
from graphpolicy.starter.workflows import Package

INDEX = "https://pypi.org/simple"
INDEXES = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
SIMPLE = "application/vnd.pypi.simple.v1+json"
"""The media type to request from an index ("Simple repository API", JSON)."""

PATIENCE = 5.0
"""Seconds to wait for an index. Without an answer the list of packages can be completed later."""

SHA256 = re.compile(r"[0-9a-f]{64}")
WHEEL = re.compile(r"graphpolicy-[A-Za-z0-9._+-]+\.whl")
ADDRESS = re.compile(r"https://[A-Za-z0-9._~/%:+-]+")
"""What jobs can read: nothing on this machine, and no name or password."""

COMMIT = re.compile(rf"git\+{ADDRESS.pattern}@[0-9a-f]{{40}}")
"""A commit as the workflows install it."""


def installed(environment: Mapping[str, str], version: str = __version__) -> Package:
    """This release as a job can install it: from an index, from its wheel, or from its commit.

    Without hashes and commit if none can be found, and why.
    """
    direct_url = _direct_url()
    if hashes := _of_archive(direct_url) or _of_wheel(direct_url):
        return _of_file(direct_url, hashes, version)
    if commit := _of_commit(direct_url):
        return Package(version, (), "by the commit that it was installed from", at=commit)
    index = next(filter(None, map(environment.get, INDEXES)), INDEX).rstrip("/")
    host = urlsplit(index).hostname or "the package index"
    try:
        hashes = _of_index(_asked(f"{index}/graphpolicy/"), version)
    except (OSError, ValueError) as problem:
        return Package(version, (), f"{host} could not be asked: {type(problem).__name__}")
    if hashes:
        return Package(version, hashes, f"by the hashes that {host} has")
    return Package(version, (), f"{host} does not have this version")


def _of_file(direct_url: Json, hashes: tuple[str, ...], version: str) -> Package:
    """The wheel that this release was installed from: its address, or its content.

    If the wheel is no longer on this machine, an index must have it.
    """
    from pathlib import Path
    from urllib.request import url2pathname

    origin = "by the file that it was installed from"
    url = str(direct_url.get("url"))
    parts = urlsplit(url)
    name = unquote(parts.path).rpartition("/")[2]
    if WHEEL.fullmatch(name) and ADDRESS.fullmatch(url):
        return Package(version, hashes, origin, at=url)
    if WHEEL.fullmatch(name) and parts.scheme == "file":
        with suppress(OSError):
            content = Path(url2pathname(parts.path)).read_bytes()
            if sha256(content).hexdigest() in hashes:
                return Package(version, hashes, origin, wheel=name, content=content)
    return Package(version, hashes, origin)


def _of_commit(direct_url: Json) -> str:
    """The commit that this release was installed from, as pip takes it; "" if there is none."""
    about = direct_url if isinstance(direct_url, dict) else {}
    vcs = about.get("vcs_info")
    commit = str(vcs.get("commit_id", "")) if isinstance(vcs, dict) else ""
    found = f"git+{about.get('url', '')}@{commit}"
    return found if COMMIT.fullmatch(found) else ""


def _direct_url() -> Json:
    """What the installer recorded about an installation from a URL (PEP 610), or None."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        text = distribution("graphpolicy").read_text("direct_url.json")
        return json.loads(text) if text else None
    except (PackageNotFoundError, ValueError):
        return None


def _of_archive(direct_url: Json) -> tuple[str, ...]:
    archive = direct_url.get("archive_info") if isinstance(direct_url, dict) else None
    if not isinstance(archive, dict):
        return ()
    newer = (archive.get("hashes") or {}).get("sha256")
    older = str(archive.get("hash", "")).removeprefix("sha256=")
    return tuple(each for each in (newer or older,) if SHA256.fullmatch(each))


def _of_wheel(direct_url: Json) -> tuple[str, ...]:
    """The hash of a wheel whose installer recorded none, as uv does; () if there is none.

    The wheel at that address must have the very files that are installed.
    """
    from importlib.metadata import PackageNotFoundError, distribution
    from io import BytesIO
    from pathlib import Path
    from urllib.request import url2pathname
    from zipfile import BadZipFile, ZipFile

    about = direct_url if isinstance(direct_url, dict) else {}
    url = str(about.get("url"))
    parts = urlsplit(url)
    name = WHEEL.fullmatch(unquote(parts.path).rpartition("/")[2])
    if not name or "archive_info" not in about:
        return ()
    try:
        local = parts.scheme == "file"
        content = Path(url2pathname(parts.path)).read_bytes() if local else _read(url, "*/*")
        with ZipFile(BytesIO(content)) as wheel:
            record = next(each for each in wheel.namelist() if each.endswith(".dist-info/RECORD"))
            listed = wheel.read(record).decode()
        own = distribution("graphpolicy").read_text("RECORD") or ""
    except (OSError, ValueError, BadZipFile, StopIteration, PackageNotFoundError):
        return ()
    same = _files_of(listed) and _files_of(listed) == _files_of(own)
    return (sha256(content).hexdigest(),) if same else ()


def _files_of(record: str) -> set[str]:
    """The package's files with their hashes, as a RECORD lists them."""
    return {
        line
        for line in record.splitlines()
        if line.startswith("graphpolicy/") and ",sha256=" in line
    }


def _of_index(answer: Json, version: str) -> tuple[str, ...]:
    """The hashes of a version's files."""
    try:
        return tuple(
            sorted(
                each["hashes"]["sha256"]
                for each in answer["files"]
                if each["filename"] == f"graphpolicy-{version}.tar.gz"
                or re.fullmatch(rf"graphpolicy-{re.escape(version)}-.*\.whl", each["filename"])
                if SHA256.fullmatch(each["hashes"].get("sha256", ""))
            )
        )
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(str(problem)) from problem


def _asked(url: str) -> Json:
    """An index's answer.

    Raises:
        OSError, ValueError: there is no answer, or not one in JSON.
    """
    return json.loads(_read(url, SIMPLE))


def _read(url: str, media_type: str) -> bytes:
    """What an address answers.

    A password in the URL is sent in a header, and never appears in an error.

    Raises:
        OSError, ValueError: there is no answer.
    """
    import ssl
    from base64 import b64encode
    from urllib.request import Request, urlopen

    import truststore

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an address of the web")
    host = parts.netloc.rpartition("@")[2]
    request = Request(parts._replace(netloc=host).geturl(), headers={"Accept": media_type})  # noqa: S310
    if parts.username:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        request.add_header("Authorization", f"Basic {b64encode(secret).decode()}")
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with urlopen(request, timeout=PATIENCE, context=context) as answer:  # noqa: S310 - as checked
        content: bytes = answer.read()
        return content
