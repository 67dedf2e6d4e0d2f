"""Run folders on disk: created before the first write, synced after each line, found again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath

from graphpolicy.disk.folders import check_state_folder, own_folder, refuse_tracked, state_folder
from graphpolicy.disk.json_text import decoded, encoded
from graphpolicy.disk.opening import (
    NewFile,
    append_record,
    is_link,
    linked,
    read_record,
    sync_entry,
    way_out,
)
from graphpolicy.journal.run import Run, read
from graphpolicy.model import Json
from graphpolicy.model.errors import Exit, GraphPolicyError
from graphpolicy.model.records import dataclass

JOURNAL, PLAN, BEFORE = "journal.jsonl", "plan.json", "before.json"
RUNS = "runs"
SUFFIXES = (".yaml", ".yml")
"""Of policy files."""
ELSEWHERE = "if the run was started in another folder, use -C DIR or --state-dir DIR"


class RunError(GraphPolicyError):
    """A run folder that cannot be read or written."""


class NeverBegunError(RunError):
    """A run that ended before its first line was complete: nothing was sent."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run, readable by its owner only."""

    path: FilePath

    @staticmethod
    def make(state_dir: str, name: str) -> RunFolder:
        """Create a folder below `state_dir`: `name`, or `name` with a number if it exists."""
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
        """The folder of an existing run."""
        folder = FilePath(path)
        try:
            refuse_tracked(folder)
        except OSError as error:
            raise RunError(
                f"{folder} can't be written: {error.strerror}; the run can't be settled",
                way_out(error),
            ) from error
        return RunFolder(folder)

    @property
    def name(self) -> str:
        return self.path.name

    def keep(self, name: str, document: Json) -> None:
        """Write a JSON file of the run, completely, and sync it."""
        try:
            with NewFile(str(self.path / name)) as file:
                file.write(encoded(document))
            sync_entry(self.path)
        except OSError as error:
            raise self._unwritten(name, error) from error

    def append(self, event: Mapping[str, Json]) -> None:
        """Add a line to the journal and sync it, even after an incomplete line."""
        try:
            append_record(self.path / JOURNAL, event)
        except OSError as error:
            raise self._unwritten(JOURNAL, error) from error

    def _unwritten(self, name: str, error: OSError) -> RunError:
        return RunError(
            f"{self.path / name} can't be written: {error.strerror}; the run stops here",
            way_out(error, "free disk space or fix the permissions")
            + ", then run the same command again: it reads what was written",
        )


def check_records(state_dir: str) -> None:
    """Check that records can be kept below a folder, before anything is done."""
    try:
        check_state_folder(state_dir)
        if os.path.lexists(runs_at := FilePath(state_dir, RUNS)):
            own_folder(runs_at)
    except OSError as error:
        raise _not_kept(state_dir, error) from error


def _not_kept(state_dir: str, error: OSError) -> RunError:
    return RunError(
        f"records can't be kept in {state_dir}: {error.filename or state_dir}: {error.strerror}; "
        "nothing was written",
        way_out(error, "choose another folder with --state-dir DIR"),
    )


def run_names(state_dir: str) -> list[str]:
    """The names in the folder of runs, sorted."""
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
            f"{error.filename} can't be read: {error.strerror}",
            way_out(error, "move it away") + ", or choose another folder with --state-dir DIR",
        ) from error


def load(folder: FilePath) -> Run:
    """A run from its folder.

    Raises:
        NeverBegunError: it ended before it sent anything.
        RunError: it is not a run folder, or this release can't read it.
    """
    try:
        text = read_record(folder / JOURNAL).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise _no_run(folder, f": {JOURNAL}: {reason}") from error
    if "\n" not in text:
        raise NeverBegunError(
            f"{folder} is not a run folder: the run was stopped before it sent anything"
        )
    try:
        return read(text.splitlines(), str(folder))
    except KeyError as error:
        raise _no_run(folder, f" that this release can read: {error}") from error
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise _no_run(folder, f": {error}") from error


def _no_run(folder: FilePath, why: str) -> RunError:
    return RunError(f"{folder} is not a run folder{why}")


def recorded(state_dir: str) -> Iterator[Run | RunError]:
    """Every run below a state folder, oldest first; the error for one that can't be read."""
    for name in run_names(state_dir):
        path = FilePath(state_dir, RUNS, name)
        try:
            if _has_journal(path):
                yield load(path)
        except NeverBegunError:
            continue
        except RunError as failure:
            yield failure


def _has_journal(folder: FilePath) -> bool:
    """Whether a path is a folder with a journal."""
    try:
        if is_link(folder.lstat()):
            raise linked(folder)
        (folder / JOURNAL).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _no_run(folder, f": {error.strerror}") from error
    return True


def runs(state_dir: str) -> Iterator[Run]:
    """Every run below a state folder that can be read, oldest first."""
    return (run for run in recorded(state_dir) if isinstance(run, Run))


def unreadable(state_dir: str) -> list[str]:
    """Messages about the runs below a state folder that this release can't read."""
    return [
        f"{failure.text}; its writes are unknown and can't be settled or rolled back"
        for failure in recorded(state_dir)
        if isinstance(failure, RunError)
    ]


def applied_file(run: Run) -> str:
    """The path from here to the policy file that a run says it applied; '' if there is no such
    file.

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
    """A run by its folder or name; if `wanted` is None, the last run that sent a request.

    `tenant` is the name or id of the tenant that the run must belong to.
    """
    run = _last(state_dir, tenant) if wanted is None else _named(state_dir, wanted)
    if not run.tenant.is_called(tenant):
        raise RunError(
            f"run {run.name} is for {run.tenant.name} ({run.tenant.id}), but --tenant is {tenant}",
            "leave out --tenant, or give a run of that tenant",
            Exit.USAGE,
        )
    return run


def _named(state_dir: str, wanted: str) -> Run:
    for path in (FilePath(wanted), FilePath(state_dir, RUNS, wanted)):
        if os.path.lexists(path / JOURNAL):
            return load(path)
    raise RunError(
        f"there is no run {wanted!r} below {state_dir}",
        f"`graphpolicy history` lists the runs; the path of a run's folder works as well; "
        f"{ELSEWHERE}",
        Exit.USAGE,
    )


def _last(state_dir: str, tenant: str | None) -> Run:
    known = list(recorded(state_dir))
    for failure in known:
        if isinstance(failure, RunError):
            raise RunError(
                f"it is not clear which run is the last: {failure.text}",
                "give the name of the run, or move that folder away",
            )
    found = [
        run
        for run in known
        if isinstance(run, Run) and run.attempts and run.tenant.is_called(tenant)
    ]
    if not found:
        of = f" for {tenant}" if tenant else ""
        raise RunError(
            f"there is no run{of} below {state_dir}",
            f"give a run's folder; {ELSEWHERE}",
            Exit.USAGE,
        )
    return found[-1]


def document(run: Run, name: str) -> Json:
    """A JSON file of a run."""
    path = FilePath(run.folder, name)
    try:
        return decoded(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RunError(f"{path} can't be read: {reason}") from error
