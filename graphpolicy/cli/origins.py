"""Where a report comes from, and where its links lead: this folder, or the repository on GitHub."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from graphpolicy.model import Json, Origin
from graphpolicy.render import Style

FOR_PEOPLE = ("markdown", "html")
"""Formats that show the commit and the time of a report."""


def origin_of(environment: Mapping[str, str], formats: frozenset[str]) -> Origin:
    """The commit under review, the run's URL and the time; empty if no format shows them."""
    from graphpolicy.commands.base_revision import current_commit
    from graphpolicy.journal.provenance import origin

    if not formats & {*FOR_PEOPLE}:
        return Origin()
    known = origin(environment)
    commit = head(environment) or known.get("commit", "")
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Origin(commit or current_commit(), known.get("run", ""), at)


def event(environment: Mapping[str, str]) -> Mapping[str, Json]:
    """The event that started a job on GitHub; {} if there is none."""
    try:
        found = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def head(environment: Mapping[str, str]) -> str:
    """The last commit of the pull request, or ''. GitHub Actions checks out a merge of it."""
    try:
        commit = event(environment)["pull_request"]["head"]["sha"]
    except (KeyError, TypeError):
        return ""
    return commit if isinstance(commit, str) and re.fullmatch("[0-9a-f]{40,64}", commit) else ""


def placed(style: Style, environment: Mapping[str, str], output: str = "-") -> Style:
    """The style with the paths that links need. `output` is the file of the text; `-` is stdout."""
    from graphpolicy.disk.folders import repository

    here = Path.cwd()
    root = repository(here)
    known = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")
    server, name, commit = (environment.get(key, "") for key in known)
    if server and name and commit:
        source = f"{server}/{quote(name)}/blob/{quote(head(environment) or commit)}/"
    else:
        source = _up(Path(output).parent if output != "-" else here, root)
    return replace(style, folder=str(here), repository=str(root), source=source)


def _up(folder: Path, root: Path) -> str:
    """What a relative link from a folder to the root of the repository begins with."""
    try:
        way = Path(os.path.relpath(root, folder.resolve())).as_posix()
    except ValueError:  # on another drive of Windows
        return f"{root.as_uri()}/"
    return "" if way == "." else f"{quote(way)}/"
