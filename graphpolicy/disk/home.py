"""Finds the folders of policies and records from any folder below them, as git finds .git."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path as FilePath

from graphpolicy.disk.folders import STATE, around

POLICIES = "policies"
"""The name of the folder that holds the policies of a repository."""


def policies_path() -> str:
    """The relative path of the nearest `policies` folder, here or above in the repository.

    If there is none, the result is `policies`, which does not exist.
    """
    found = _found()
    return FilePath(os.path.relpath(found, FilePath.cwd())).as_posix() if found else POLICIES


def state_path(policies: str = "") -> str:
    """The relative path of the records folder: the one here, else the one beside the policies.

    `policies` is where they are if somebody has chosen that. The folder may not exist yet.
    """
    found = FilePath(policies).resolve() if policies else _found()
    if found is None or os.path.lexists(STATE):
        return STATE
    beside = found.parent if found != around(FilePath.cwd().resolve()) else found
    return FilePath(os.path.relpath(beside / STATE, FilePath.cwd())).as_posix()


def _found() -> FilePath | None:
    """The nearest folder of policies, here or above."""
    for folder in upwards(FilePath.cwd()):
        if (folder / POLICIES).is_dir():
            return folder / POLICIES
        if folder.name == POLICIES:
            return folder
    return None


def upwards(here: FilePath) -> Iterator[FilePath]:
    """A folder and those above it, up to the root of its repository.

    Without a repository it stops below a folder of another user, or one that everyone can write to:
    somebody else may have put policies there. On Windows every folder counts as such.
    """
    top = around(here.resolve())
    owner = here.stat().st_uid
    for folder in (here, *here.parents):
        if not top and folder != here:
            found = folder.stat()
            if found.st_uid != owner or found.st_mode & stat.S_IWOTH:
                return
        yield folder
        if folder == top:
            return
