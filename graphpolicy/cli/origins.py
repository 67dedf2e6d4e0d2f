"""Where a report comes from, and where its links lead: this folder, or the repository on GitHub."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from graphpolicy.model import Origin
from graphpolicy.render import Style

FOR_PEOPLE = ("markdown", "html")
"""Formats that show the commit and the time of a report."""


def origin_of(environment: Mapping[str, str], format_: str, outputs: Iterable[str]) -> Origin:
    """The commit under review, the run's URL and the time; empty if no format shows them."""
    from graphpolicy.journal.origin import origin
    from graphpolicy.render import output_format

    formats = {format_, *(output_format(output) for output in outputs if output != "-")}
    if not formats & {*FOR_PEOPLE}:
        return Origin()
    known = origin(environment)
    commit = head(environment) or known.get("commit", "")
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Origin(commit or _checked_out(), known.get("run", ""), at)


def head(environment: Mapping[str, str]) -> str:
    """The last commit of the pull request, or ''. GitHub Actions checks out a merge of it."""
    try:
        text = Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8")
        commit = json.loads(text)["pull_request"]["head"]["sha"]
    except (KeyError, OSError, ValueError, TypeError):
        return ""
    return commit if isinstance(commit, str) and re.fullmatch("[0-9a-f]{40,64}", commit) else ""


def _checked_out() -> str:
    from graphpolicy.commands.base_revision import current_commit

    return current_commit()


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
