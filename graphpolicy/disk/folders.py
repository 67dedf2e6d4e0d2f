"""Folders that hold records: their owner's alone, reached by no link, unknown to git."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from functools import cache
from pathlib import Path as FilePath

from graphpolicy.disk.opening import BINARY, NO_FOLLOW, Refused, linked, own
from graphpolicy.model.command import quoted

STATE = ".graphpolicy"
"""The name of the default folder: it is ours, also where an earlier release made it."""

MOST_LINKS = 40
"""As many links on one way as Linux follows."""

NOT_FOR_FOLDERS = (errno.EINVAL, errno.ENOTSUP, errno.EACCES)
"""What file systems answer that sync files alone, as some on a network do, and where a folder may
be walked through and not be read.
"""


def repository(folder: FilePath) -> FilePath:
    """The repository around a folder; without one the folder itself."""
    real = folder.resolve()
    return _around(real) or real


def left_by(path: str) -> FilePath | None:
    """The folder that a link on the way to `path` leads out of; None where none does.

    A link of a repository must stay in it. Where no repository is around, only what is named itself
    must stay in its folder: folders above it are the machine's own.
    """
    full = FilePath.cwd() / path
    real, last = FilePath(full.anchor), len(full.parts) - 1
    for index, part in enumerate(full.parts[1:], 1):
        step = real / part
        if part == "..":
            real = real.parent
        elif not os.path.islink(step):  # noqa: PTH114 - what can't be looked at is no error yet
            real = step
        else:
            target = FilePath(os.path.realpath(step))
            home = _around(real) or (real if index == last and not _device(real) else None)
            if home and not target.is_relative_to(home):
                return home
            real = target
    return None


def links(path: str) -> tuple[FilePath, ...]:
    """Every link on the way to a path, and at last what it leads to; folders in them are real."""
    ahead = list((FilePath.cwd() / path).parts)[::-1]
    real, found = FilePath(ahead.pop()), list[FilePath]()
    while ahead:
        part = ahead.pop()
        step = real / part
        if part == "..":
            real = real.parent
        elif not os.path.islink(step) or len(found) > MOST_LINKS:  # noqa: PTH114 - as above
            real = step
        else:
            found.append(step)
            ahead += step.readlink().parts[::-1]  # that of a whole path begins at the root again
    return (*found, real)


def _around(real: FilePath) -> FilePath | None:
    return next((at for at in (real, *real.parents) if (at / ".git").exists()), None)


def _device(folder: FilePath) -> bool:
    """Whether links there are the system's: /dev/stdin, and what a shell passes as /dev/fd/63."""
    return folder.parts[:2] in {("/", "dev"), ("/", "proc")}


def check_state_folder(path: str) -> FilePath:
    """The folder of records, which need not be there yet.

    Raises:
        Refused: it is a link or another user's, git tracks files below it, or a link above it
            leads out of the repository.
        NotADirectoryError: a file is in its place.
    """
    folder = FilePath(path)
    _stays_inside(folder)
    if os.path.lexists(folder):
        own_folder(folder, ours=folder.name == STATE)
        refuse_tracked(folder)
    return folder


def state_folder(path: str) -> FilePath:
    """The same, made where there is none; git ignores a new one in a repository.

    Raises:
        OSError: it is refused as above, or can't be made.
    """
    folder = check_state_folder(path)
    if own_folder(folder, ours=folder.name == STATE) and (repository(folder) / ".git").exists():
        _ignore_all(folder)
    return folder


def own_folder(folder: FilePath, *, ours: bool = True) -> bool:
    """A folder for its owner alone, made with what is missing above it; whether it was made now.

    `ours` is whether permissions that an existing one gives to others are taken away.

    Raises:
        Refused: it is a link, or it belongs to another user.
        OSError: it can't be made, or a file is in its place.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileNotFoundError:
        if folder.parent == folder:
            raise
        own_folder(folder.parent, ours=False)
        return own_folder(folder, ours=ours)
    except FileExistsError:
        found = own(folder)
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "it is no folder", str(folder)) from None
        if ours and os.name == "posix" and found.st_mode & 0o077:
            folder.chmod(stat.S_IMODE(found.st_mode) & 0o700)
        return False
    sync_entry(folder.parent)
    return True


def no_link_between(folder: FilePath, path: FilePath) -> None:
    """Refuse a path below a folder that leads through a link.

    Raises:
        Refused: it does.
    """
    for above in path.relative_to(folder).parents:
        if (folder / above).is_symlink() and above != FilePath():
            raise linked(folder / above)


def sync_entry(folder: FilePath) -> None:
    """Put on disk that something new lies in a folder; Windows has no way to ask for that."""
    if os.name == "nt":
        return
    try:
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        if error.errno not in NOT_FOR_FOLDERS:
            raise


def _stays_inside(folder: FilePath) -> None:
    """Refuse a link above a relative path that leads out of the repository."""
    if folder.is_absolute():
        return
    home = repository(FilePath())
    for above in folder.parents:
        if above.is_symlink() and not FilePath(os.path.realpath(above)).is_relative_to(home):
            why = f"it is a link that leads out of {home}, and records stay inside"
            raise Refused(above, why, "name the folder itself with --state-dir DIR")


def _ignore_all(folder: FilePath) -> None:
    """Keep records out of commits, whatever the repository ignores."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY | NO_FOLLOW
    with os.fdopen(os.open(folder / ".gitignore", flags, 0o600), "wb") as file:
        file.write(b"# Records of runs belong in no commit.\n*\n")


def refuse_tracked(path: FilePath) -> None:
    """Refuse a file, or a folder with any file, that git tracks: whoever commits can write there.

    Raises:
        Refused: git tracks it, or git can't say.
    """
    top = repository(path.parent)
    if not (top / ".git").exists():
        return
    elsewhere = "name a place outside of the repository"
    tracked, trouble = _tracked(top, FilePath(path.parent.resolve(), path.name))
    if trouble:
        raise Refused(path, f"git can't say whether it tracks this: {trouble}", elsewhere)
    if tracked:
        others = f" and {len(tracked) - 1} more" if len(tracked) > 1 else ""
        why = f"git tracks {tracked[0]}{others}, so whoever commits can write there"
        raise Refused(path, why, f"`git rm -r --cached {quoted(str(path))}`, or {elsewhere}")


@cache
def _tracked(top: FilePath, path: FilePath) -> tuple[tuple[str, ...], str]:
    """The files at or below a path that git tracks, or why that can't be told; asked once."""
    # A repository of another user is read as well, and none of its programs is run for that.
    trusted = ("-c", f"safe.directory={top.as_posix()}", "-c", "core.fsmonitor=false")
    try:
        done = subprocess.run(  # noqa: S603 - git and arguments of our own
            ["git", *trusted, "-C", top, "ls-files", "-z", "--", f":(literal){path}"],  # noqa: S607
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        return (), f"{error.strerror or type(error).__name__}: git"
    if done.returncode:
        return (), done.stderr.strip().partition("\n")[0] or f"it ended with {done.returncode}"
    return tuple(file for file in done.stdout.split("\0") if file), ""
