"""Folders for records: readable by their owner only, not behind a link, not tracked by git."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from functools import cache
from pathlib import Path as FilePath

from graphpolicy.disk.opening import BINARY, NO_FOLLOW, UnsafePathError, linked, own, sync_entry
from graphpolicy.model.command import quoted

STATE = ".graphpolicy"
"""The name of the default folder. One from an earlier release is graphpolicy's own as well."""

MOST_LINKS = 40
"""Links that are followed in one path, as on Linux."""


def repository(folder: FilePath) -> FilePath:
    """The root of the repository around a folder; without a repository the folder itself."""
    real = folder.resolve()
    return around(real) or real


def left_by(path: str) -> FilePath | None:
    """The folder that a link in `path` leads out of; None if no link does.

    A link in a repository must stay in it. Without a repository only the last part of the path must
    stay in its folder: the folders above it belong to the machine.
    """
    full = FilePath.cwd() / path
    real, last = FilePath(full.anchor), len(full.parts) - 1
    for index, part in enumerate(full.parts[1:], 1):
        step = real / part
        if part == "..":
            real = real.parent
        elif not os.path.islink(step):  # noqa: PTH114 - is_link would raise if access is denied
            real = step
        else:
            target = FilePath(os.path.realpath(step))
            home = around(real) or (real if index == last and not _device(real) else None)
            if home and not target.is_relative_to(home):
                return home
            real = target
    return None


def refuse_left(path: str) -> None:
    """Refuse to read or write a file that a link takes out of its repository."""
    home = left_by(path)
    if home is not None:
        why = f"it is reached by a link that leads out of {home}"
        raise UnsafePathError(path, why, "name the place itself that the link leads to")


def read_inside(path: str | os.PathLike[str]) -> bytes:
    """The content of a file, unless a link takes it out of its repository.

    Raises:
        UnsafePathError: a link does.
        OSError: it can't be read.
    """
    refuse_left(os.fspath(path))
    return FilePath(path).read_bytes()


def links(path: str) -> tuple[FilePath, ...]:
    """Every link in a path, then its target; the folders of each are real paths."""
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
            ahead += step.readlink().parts[::-1]  # an absolute target starts at the root again
    return (*found, real)


def around(real: FilePath) -> FilePath | None:
    """The root of the repository around a real path; None without one."""
    return next((at for at in (real, *real.parents) if (at / ".git").exists()), None)


def _device(folder: FilePath) -> bool:
    """Whether the system makes the links there, such as /dev/stdin and a shell's /dev/fd/63."""
    return folder.parts[:2] in {("/", "dev"), ("/", "proc")}


def check_state_folder(path: str) -> FilePath:
    """The folder for records, which may not exist yet.

    Raises:
        UnsafePathError: it is a link or another user's, git tracks files in it, or a link above it
            leads out of the repository.
        NotADirectoryError: there is a file with that name.
    """
    folder = FilePath(path)
    _stays_inside(folder)
    if os.path.lexists(folder):
        own_folder(folder, ours=folder.name == STATE)
        refuse_tracked(folder)
    return folder


def state_folder(path: str) -> FilePath:
    """The folder for records, created if it does not exist, with a .gitignore in a repository."""
    folder = check_state_folder(path)
    if own_folder(folder, ours=folder.name == STATE) and around(folder.resolve()):
        _ignore_all(folder)
    return folder


def own_folder(folder: FilePath, *, ours: bool = True, again: bool = False) -> bool:
    """Create a folder, and its parents, for its owner only; returns whether it is new.

    With `ours`, an existing folder loses its permissions for group and others. `again` is the
    attempt after the parents were created: some file systems still have no place for it then.

    Raises:
        UnsafePathError: it is a link, or it belongs to another user.
        OSError: it can't be created, or there is a file with that name.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileNotFoundError:
        if folder.parent == folder or again:
            raise
        own_folder(folder.parent, ours=False)
        return own_folder(folder, ours=ours, again=True)
    except FileExistsError:
        found = own(folder)
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "it is not a folder", str(folder)) from None
        if ours and os.name == "posix" and found.st_mode & 0o077:
            folder.chmod(stat.S_IMODE(found.st_mode) & 0o700)
        return False
    sync_entry(folder.parent)
    return True


def no_link_between(folder: FilePath, path: FilePath) -> None:
    """Refuse a path with a link between `folder` and its last part."""
    for above in path.relative_to(folder).parents:
        if (folder / above).is_symlink() and above != FilePath():
            raise linked(folder / above)


def _stays_inside(folder: FilePath) -> None:
    """Refuse a link above a relative path that leads out of the repository."""
    if folder.is_absolute():
        return
    home = repository(FilePath())
    for above in folder.parents:
        if above.is_symlink() and not FilePath(os.path.realpath(above)).is_relative_to(home):
            why = f"it is a link that leads out of {home}, and records must stay inside"
            raise UnsafePathError(
                above, why, "use --state-dir DIR with the folder that it leads to"
            )


def _ignore_all(folder: FilePath) -> None:
    """Add a .gitignore, so that records are never committed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY | NO_FOLLOW
    with os.fdopen(os.open(folder / ".gitignore", flags, 0o600), "wb") as file:
        file.write(b"# Records of runs belong in no commit.\n*\n")


def refuse_tracked(path: FilePath) -> None:
    """Refuse a file that git tracks, or a folder with one: anyone who commits can write there.

    Raises:
        UnsafePathError: git tracks it, or git fails.
    """
    top = around(path.parent.resolve())
    if top is None:
        return
    elsewhere = "use a place outside the repository"
    tracked, trouble = _tracked(top, FilePath(path.parent.resolve(), path.name))
    if trouble:
        raise UnsafePathError(
            path, f"git failed to say whether it tracks this: {trouble}", elsewhere
        )
    if tracked:
        others = f" and {len(tracked) - 1} more" if len(tracked) > 1 else ""
        why = f"git tracks {tracked[0]}{others}, so anyone who commits can write there"
        untrack = f"run `git rm -r --cached {quoted(str(path))}`"
        raise UnsafePathError(path, why, f"{untrack}, or {elsewhere}")


@cache
def _tracked(top: FilePath, path: FilePath) -> tuple[tuple[str, ...], str]:
    """The files at or below a path that git tracks, or why git failed; runs git once per path."""
    # safe.directory lets git read another user's repository; without its fsmonitor program.
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
        return (), done.stderr.strip().partition("\n")[0] or f"exit code {done.returncode}"
    return tuple(file for file in done.stdout.split("\0") if file), ""
