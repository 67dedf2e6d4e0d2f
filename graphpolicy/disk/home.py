"""Where the policies and the records are that a command is about, from anywhere below them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path as FilePath

from graphpolicy.disk.folders import STATE, repository

POLICIES = "policies"
"""The name of the folder that holds the policies of a repository."""


def policies_path() -> str:
    """The way from here to the folder of policies; where there is none, the one that is missing.

    It is the one here, or the nearest one above in the repository.
    """
    found = _found()
    return FilePath(os.path.relpath(found, FilePath.cwd())).as_posix() if found else POLICIES


def state_path() -> str:
    """The way from here to the folder of records: the one here, else the one beside the policies.

    It need not be there yet.
    """
    found = _found()
    if found is None or os.path.lexists(STATE):
        return STATE
    beside = found.parent if found != _top(FilePath.cwd()) else found
    return FilePath(os.path.relpath(beside / STATE, FilePath.cwd())).as_posix()


def _found() -> FilePath | None:
    """The folder of policies that is meant here."""
    for folder in _upwards(FilePath.cwd()):
        if (folder / POLICIES).is_dir():
            return folder / POLICIES
        if folder.name == POLICIES:
            return folder
    return None


def _top(here: FilePath) -> FilePath | None:
    """The top of the repository around a folder; None without git."""
    top = repository(here)
    return top if (top / ".git").exists() else None


def _upwards(here: FilePath) -> Iterator[FilePath]:
    """A folder and those above it: up to the top of its repository.

    Without git it ends below a folder that others may have put policies into, which on Windows is
    every one.
    """
    top = _top(here)
    owner = here.stat().st_uid
    for folder in (here, *here.parents):
        if not top and folder != here:
            found = folder.stat()
            if found.st_uid != owner or found.st_mode & stat.S_IWOTH:
                return
        yield folder
        if folder == top:
            return
