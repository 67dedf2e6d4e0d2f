"""Run folders on disk: made before the first write, synced with every line, found again."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, datetime, timedelta
from pathlib import Path as FilePath

from graphpolicy.disk.folders import (
    check_state_folder,
    own_folder,
    refuse_tracked,
    state_folder,
    sync_entry,
)
from graphpolicy.disk.json_text import decoded
from graphpolicy.disk.opening import NewFile, is_link, linked
from graphpolicy.journal.lines import JsonLines
from graphpolicy.journal.run import Run, read
from graphpolicy.model import Json
from graphpolicy.model.errors import GraphPolicyError
from graphpolicy.model.records import dataclass

JOURNAL, PLAN, BEFORE = "journal.jsonl", "plan.json", "before.json"
RUNS = "runs"
SUFFIXES = (".yaml", ".yml")
"""Of policy files."""
ELSEWHERE = "runs that were begun in another folder are found there: -C DIR, or --state-dir DIR"
STAMP = "%Y%m%dT%H%M%SZ"
"""How the name of a run begins."""


class RunError(GraphPolicyError):
    """A run folder that cannot be read or written."""


class NeverBegunError(RunError):
    """A run that was cut off before its first line was whole: nothing was sent."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A folder that only its owner can read."""

    path: FilePath

    @staticmethod
    def make(state_dir: str, name: str) -> RunFolder:
        """A new folder below `state_dir`, whose name is `name` or that with a number.

        Raises:
            RunError: it can't be made there.
        """
        runs = FilePath(state_dir, RUNS)
        try:
            state_folder(state_dir)
            own_folder(runs)
            number = 1
            while True:
                path = runs / (name if number == 1 else f"{name}-{number}")
                try:
                    path.mkdir(mode=0o700)
                except FileExistsError:
                    number += 1
                    continue
                sync_entry(runs)
                return RunFolder(path)
        except OSError as error:
            raise _not_kept(state_dir, error) from error

    @staticmethod
    def at(path: str) -> RunFolder:
        """The folder of a run that there is.

        Raises:
            RunError: whoever commits to the repository can write there.
        """
        folder = FilePath(path)
        try:
            refuse_tracked(folder)
        except OSError as error:
            raise RunError(
                f"nothing can be added to the run: {folder}: {error.strerror}",
                getattr(error, "help", ""),
            ) from error
        return RunFolder(folder)

    @property
    def name(self) -> str:
        return self.path.name

    def keep(self, name: str, document: Json) -> None:
        """Write a JSON file of the run, whole and synced."""
        try:
            with NewFile(str(self.path / name)) as file:
                file.write(json.dumps(document, indent=2) + "\n")
            sync_entry(self.path)
        except OSError as error:
            raise self._unwritten(name, error) from error

    def append(self, event: Mapping[str, Json]) -> None:
        """Add a line to the journal, also after one cut off; it is on disk when this returns."""
        try:
            JsonLines(self.path / JOURNAL).append(event)
        except OSError as error:
            raise self._unwritten(JOURNAL, error) from error

    def _unwritten(self, name: str, error: OSError) -> RunError:
        return RunError(
            f"{self.path / name} can't be written: {error.strerror}; nothing more is sent",
            getattr(error, "help", "make room or rights there")
            + ", then run the same command again: it reads what happened",
        )


def check_records(state_dir: str) -> None:
    """Look whether records may be kept below a folder, before anything is done.

    Raises:
        RunError: they may not.
    """
    try:
        check_state_folder(state_dir)
        if os.path.lexists(runs_at := FilePath(state_dir, RUNS)):
            own_folder(runs_at)
    except OSError as error:
        raise _not_kept(state_dir, error) from error


def _not_kept(state_dir: str, error: OSError) -> RunError:
    return RunError(
        f"no run can be kept below {state_dir}: {error.filename or state_dir}: {error.strerror}; "
        "nothing was written",
        getattr(error, "help", "name another place with --state-dir DIR"),
    )


def name_after(state_dir: str, now: datetime, tenant: str) -> str:
    """A name for a run that begins now, which sorts behind those of all earlier ones.

    A clock that was set back, and several runs in one second, must not change which is the last.
    """
    tenant = file_name(tenant)
    last = next((name for name in reversed(_names(state_dir)) if _moment(name)), "")
    name, before = f"{now:{STAMP}}-{tenant}", _moment(last)
    if before and name <= last:
        return f"{max(before, now) + timedelta(seconds=1):{STAMP}}-{tenant}"
    return name


def _names(state_dir: str) -> list[str]:
    """What lies below the folder of runs, by name.

    Raises:
        RunError: it can't be listed.
    """
    runs_at = FilePath(state_dir, RUNS)
    try:
        for folder in (runs_at.parent, runs_at):
            if is_link(folder.lstat()):
                raise linked(folder)
        return sorted(path.name for path in runs_at.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunError(
            f"{error.filename} can't be listed: {error.strerror}",
            getattr(error, "help", "move away what lies there")
            + ", or name another place with --state-dir DIR",
        ) from error


def file_name(text: str) -> str:
    """A file's name from a tenant's, which a snapshot or a run's folder may have from anybody."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", text)


def _moment(name: str) -> datetime | None:
    """When the run of this name says that it began, in UTC; None if it is no name of a run."""
    try:
        found = datetime.strptime(name.partition("-")[0] + "+0000", f"{STAMP}%z")
    except ValueError:
        return None
    return found if found.year < MAXYEAR else None  # nothing could come after it


def load(folder: FilePath) -> Run:
    """A run from its folder.

    Raises:
        NeverBegunError: it was cut off before it sent anything.
        RunError: it is no run's folder, or one that this release can't read.
    """
    try:
        text = JsonLines(folder / JOURNAL).read().decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise RunError(f"{folder} is no run's folder: {JOURNAL}: {reason}") from error
    if "\n" not in text:
        raise NeverBegunError(
            f"{folder} is no run's folder: it was cut off before it sent anything"
        )
    try:
        return read(text.splitlines(), str(folder))
    except KeyError as error:
        raise RunError(
            f"{folder} is no run's folder that this release can read: {error}"
        ) from error
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise RunError(f"{folder} is no run's folder: {error}") from error


def recorded(state_dir: str) -> Iterator[Run | RunError]:
    """Every run below a state folder, oldest first, or why it can't be read.

    Raises:
        RunError: the runs can't be listed.
    """
    for name in _names(state_dir):
        path = FilePath(state_dir, RUNS, name)
        try:
            if _has_journal(path):
                yield load(path)
        except NeverBegunError:
            continue
        except RunError as failure:
            yield failure


def _has_journal(folder: FilePath) -> bool:
    """Whether a run left something in a folder; anything that is not a folder is not ours.

    Raises:
        RunError: it can't be told.
    """
    try:
        if is_link(folder.lstat()):
            raise linked(folder)
        (folder / JOURNAL).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise RunError(f"{folder} is no run's folder: {error.strerror}") from error
    return True


def runs(state_dir: str) -> Iterator[Run]:
    """Every run below a state folder that can be read, oldest first."""
    return (run for run in recorded(state_dir) if isinstance(run, Run))


def unreadable(state_dir: str) -> list[str]:
    """What to say of the runs below a state folder that this release can't read."""
    return [
        f"{failure.text}; what it wrote is not known here, and neither settled nor undone"
        for failure in recorded(state_dir)
        if isinstance(failure, RunError)
    ]


def applied_file(run: Run) -> str:
    """The way from here to the policy file that a run says it applied; '' where it is not there.

    It is named from where the run was begun: that is here, or where its records are.
    """
    said = run.begun.get("file")
    if not isinstance(said, str) or FilePath(said).suffix not in SUFFIXES:
        return ""  # a rollback says that it applied a run's folder, or a snapshot
    for folder in (FilePath.cwd(), *FilePath(run.folder).resolve().parents[2:3]):
        if (folder / said).is_file():
            return FilePath(os.path.relpath(folder / said)).as_posix()
    return ""


def find(state_dir: str, wanted: str | None, tenant: str | None = None) -> Run:
    """A run by its folder or name; without either the last one that sent anything.

    `tenant` is the name or id of the tenant that it has to be of.

    Raises:
        RunError: there is none, or it can't be told which is the last.
    """
    run = _last(state_dir, tenant) if wanted is None else _named(state_dir, wanted)
    if not is_of(run, tenant):
        raise RunError(
            f"run {run.name} is of {run.tenant.name} ({run.tenant.id}), and --tenant is {tenant}",
            "leave --tenant out, or name a run of that tenant",
            64,
        )
    return run


def is_of(run: Run, tenant: str | None) -> bool:
    """Whether a run is of the tenant of this name or id; without one, of any."""
    return tenant is None or tenant.casefold() in (run.tenant.name.casefold(), run.tenant.id)


def _named(state_dir: str, wanted: str) -> Run:
    for path in (FilePath(wanted), FilePath(state_dir, RUNS, wanted)):
        if os.path.lexists(path / JOURNAL):
            return load(path)
    raise RunError(
        f"there is no run {wanted!r} below {state_dir}",
        f"`graphpolicy history` lists the runs; a run's folder can be named as well; {ELSEWHERE}",
        64,
    )


def _last(state_dir: str, tenant: str | None) -> Run:
    known = list(recorded(state_dir))
    for failure in known:
        if isinstance(failure, RunError):
            raise RunError(
                f"it can't be told which run is the last: {failure.text}",
                "name the run, or move that folder away",
            )
    found = [run for run in known if isinstance(run, Run) and run.attempts and is_of(run, tenant)]
    if not found:
        of = f" of {tenant}" if tenant else ""
        raise RunError(
            f"there is no run{of} below {state_dir}", f"name a run's folder; {ELSEWHERE}", 64
        )
    return found[-1]


def document(run: Run, name: str) -> Json:
    """A JSON file of a run.

    Raises:
        RunError: it can't be read.
    """
    path = FilePath(run.folder, name)
    try:
        return decoded(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RunError(f"{path} can't be read: {reason}") from error
