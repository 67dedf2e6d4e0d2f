"""One run at a time for a tenant on a machine: a lock that the operating system takes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path as FilePath

from graphpolicy.disk.folders import own_folder
from graphpolicy.disk.opening import own
from graphpolicy.journal.folder import RunFailure, file_name
from graphpolicy.model import Tenant


@contextmanager
def locked(tenant: Tenant) -> Iterator[None]:
    """Hold a tenant's lock, keyed by its id, in the user's state folder.

    Raises:
        RunFailure: another process holds it, or the folder can't be used.
    """
    from filelock import FileLock, Timeout
    from platformdirs import user_state_path

    folder = FilePath(user_state_path("graphpolicy", appauthor=False)) / "locks"
    try:
        own_folder(folder)
        file = folder / f"{file_name(tenant.id)}.lock"
        with suppress(FileNotFoundError):
            own(file)  # or a link's target would be opened, and cut to nothing
        lock = FileLock(file, timeout=0, mode=0o600)
        lock.acquire()
    except Timeout as error:
        raise RunFailure(
            f"another run of {tenant.name} is under way on this machine; nothing was written",
            "wait for it to end, or stop it",
        ) from error
    except OSError as error:
        raise RunFailure(
            f"{folder} can't be used for locks: {error.strerror}; nothing was written",
            "make it writable for you, or set XDG_STATE_HOME to a folder that is (on Windows and "
            "macOS your user's own application folder is used)",
        ) from error
    try:
        yield
    finally:
        lock.release()
