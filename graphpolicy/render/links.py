"""Names of files as GitHub, SARIF viewers and browsers expect them."""

from __future__ import annotations

import os
from pathlib import PurePath
from urllib.parse import quote

from graphpolicy.model import Place
from graphpolicy.render import Style


def on_github(file: str, style: Style) -> str:
    """A file's path below its repository, as GitHub expects it; outside of it, the whole path."""
    # Without `..`, by names alone: links are not followed.
    whole = PurePath(os.path.normpath(PurePath(style.folder, file)))
    inside = whole.is_relative_to(style.repository)
    return (whole.relative_to(style.repository) if inside else whole).as_posix()


def uri(file: str, style: Style) -> str:
    """The same as a URI, relative below the repository."""
    name = on_github(file, style)
    quoted = quote(name, errors="backslashreplace")
    if PurePath(name).is_absolute():
        return f"file://{'' if name.startswith('/') else '/'}{quoted}"
    return quoted


def link(place: Place, style: Style) -> str:
    """A link to a place, or '' where the file is not in the repository."""
    where = uri(place.file, style)
    if where.startswith("file:"):
        return ""
    return f"{style.source}{where}" + (f"#L{place.line}" if place.line else "")
