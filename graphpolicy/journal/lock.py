"""One run at a time per tenant and machine: a lock that ends with the process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path as FilePath

from graphpolicy.compare.audit_events import moment
from graphpolicy.disk.folders import own_folder
from graphpolicy.disk.opening import own
from graphpolicy.disk.output_files import write_file
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.run_name import file_name
from graphpolicy.model import Tenant


@contextmanager
def locked(tenant: Tenant, verb: str = "apply") -> Iterator[None]:
    """Hold a tenant's lock, by its id, in the user's state folder.

    A second file says which process holds it: filelock truncates the lock file on each attempt.

    Raises:
        RunError: another process holds it, or the folder can't be used.
    """
    from filelock import FileLock, Timeout
    from platformdirs import user_state_path

    folder = FilePath(user_state_path("graphpolicy", appauthor=False)) / "locks"
    holder = folder / f"{file_name(tenant.id)}.json"
    try:
        own_folder(folder)
        file = folder / f"{file_name(tenant.id)}.lock"
        with suppress(FileNotFoundError):
            own(file)  # filelock would follow a link and truncate its target
        lock = FileLock(file, timeout=0, mode=0o600)
        lock.acquire()
    except Timeout as error:
        who, stop = _told(holder)
        raise RunError(
            f"another run for {tenant.name} is in progress on this machine{who}; nothing was "
            "written",
            f"wait until it ends, or stop it{stop}",
        ) from error
    except OSError as error:
        raise RunError(
            f"{folder} can't be used for locks: {error.strerror}; nothing was written",
            "make it writable for your user, or on Linux set XDG_STATE_HOME to another folder",
        ) from error
    try:
        with suppress(OSError):  # the lock works without it
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            write_file(str(holder), json.dumps({"pid": os.getpid(), "verb": verb, "at": now}))
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _told(holder: FilePath) -> tuple[str, str]:
    """Which process holds a lock, and how to stop it; empty if it has not written that yet."""
    try:
        said = json.loads(holder.read_text(encoding="utf-8"))
        pid, verb, at = int(said["pid"]), str(said["verb"]), str(said["at"])
    except (OSError, ValueError, TypeError, KeyError):
        return "", ""
    stop = f"taskkill /PID {pid}" if os.name == "nt" else f"kill {pid}"
    return f": process {pid}, graphpolicy {verb}, since {moment(at)}", f": `{stop}`"
