"""A plan file, which is not trusted, and the policy files that it was made from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from graphpolicy.commands.defaults import policies_paths
from graphpolicy.disk.folders import read_inside, repository
from graphpolicy.disk.home import POLICIES
from graphpolicy.disk.json_text import decoded
from graphpolicy.journal.folder import applied_file
from graphpolicy.journal.run import Run
from graphpolicy.model import Finding, Json
from graphpolicy.model.command import again, command
from graphpolicy.model.errors import Exit, GraphPolicyError, UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.files import STDIN, SUFFIXES
from graphpolicy.policyfile.load import load
from graphpolicy.render.as_json import FORMAT_VERSION


class PlanFileError(GraphPolicyError):
    """A plan file that can't be applied."""

    @property
    def finding(self) -> Finding:
        """This error as a finding, for reports."""
        return Finding("plan-file", "error", self.text, self.help)


def review(again: Sequence[str]) -> str:
    """What to do if the reviewed plan can no longer be applied.

    `again` are the arguments of the command that plans the same again.
    """
    return f"run {command(*again)} again, and have the new plan reviewed"


def why_none(data: Mapping[str, Json]) -> str:
    """The first finding's message of a report that contains no plan, as ": MESSAGE"; or ''."""
    found = data.get("findings")
    first = found[0] if isinstance(found, list) and found else None
    message = first.get("message") if isinstance(first, dict) else None
    return f": {message}" if message else ""


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan file; `wanted` picks tenants of it by name or id, all if it is empty.

    `again` are the arguments of the command that plans the same again.
    """

    name: str
    wanted: tuple[str, ...]
    again: tuple[str, ...]

    @staticmethod
    def of(
        name: str,
        wanted: tuple[str, ...] = (),
        files: Sequence[str] = (),
        flags: Sequence[str] = (),
    ) -> PlanFile:
        """A plan file with the command that plans the same again, into the same file.

        `files` are the policy files, if they are known; otherwise those that the plan file names
        and that exist here. `flags` are more flags for the command.
        """
        plain, data = PlanFile(name, wanted, ()), None
        with suppress(PlanFileError):
            data = plain.json()
        known = data if isinstance(data, dict) else {}
        named = list(files)
        if not named:
            for path, id_, whose in _named(known):
                with suppress(PlanFileError):
                    if plain.wants(id_, whose):
                        named.append(_found(name, path, id_, ()))
        base = known.get("base")
        words = ["--base", base] if isinstance(base, str) and "--base" not in flags else []
        into = ["-o", name] if name.lower().endswith(".json") else []
        return PlanFile(name, wanted, ("plan", *dict.fromkeys(named), *into, *words, *flags))

    def wants(self, id_: str, whose: str) -> bool:
        return not self.wanted or bool({*self.wanted} & {id_, whose})

    def altered(self, text: str) -> PlanFileError:
        """The error for a file that must be planned and reviewed again."""
        return PlanFileError(f"{self.name} {text}", review(self.again), Exit.STALE)

    def json(self) -> Json:
        """The JSON of the file, whatever it contains."""
        try:
            return decoded(read_inside(self.name))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            fix = f"name a plan file; {command(*self.again)} writes one"
            raise PlanFileError(f"{self.name} can't be read: {reason}", fix, 1) from error

    def document(self) -> Json:
        """The JSON of a plan file.

        Raises:
            PlanFileError: it is not a plan file, or has a format version that this release can't
                read.
        """
        data = self.json()
        version = data.get("format_version") if isinstance(data, dict) else None
        if version != FORMAT_VERSION:
            text = f"is not a plan that this release can read: its format_version is {version!r}"
            raise self.altered(text)
        if "plans" not in data:
            raise self.altered("is not a plan file: it contains no plans")
        return data

    def policies(self, typed: Sequence[str]) -> tuple[str, ...]:
        """The policy files that it names, for all its tenants or for the wanted one.

        Empty for a plan file of an old release, which names none. `typed` is the command that is
        running. A plan file can't make it read a file outside the repository.

        Raises:
            PlanFileError: it can't be read, or names a file that does not exist or may not be read.
        """
        known = list(_named(self.document()))
        found = [
            _found(self.name, path, id_, typed) for path, id_, of in known if self.wants(id_, of)
        ]
        if known and not found:
            wanted = ", ".join(map(repr, self.wanted))
            text = f"{self.name} contains no plan for tenant {wanted}; nothing was written"
            names = ", ".join(whose for *_, whose in known)
            raise PlanFileError(text, f"its tenants are: {names}", Exit.FAILED)
        return tuple(dict.fromkeys(found))


def resumed_files(run: Run, given: tuple[str, ...], typed: Sequence[str]) -> tuple[str, ...]:
    """The files to resume a run with: those that were `given`, else policies/.

    If policies/ has no file for the run's tenant, it is the file that the run applied. `typed` is
    the command that is running.
    """
    paths = policies_paths()
    if given and given not in ((POLICIES,), paths):
        return given
    known = load(paths) if all(Path(path).exists() for path in paths) else None
    if known and (known.unclear or run.tenant.id in [one.id for one in known.tenants]):
        return paths
    file = applied_file(run)
    if file:
        return (file,)
    raise UsageError(
        f"run {run.name} applied {run.begun.get('file')}, which is not found from here, and "
        f"{', '.join(paths)} has no file for {run.tenant.name}; nothing was read and nothing "
        "was written",
        f"name the file: {again(typed, 'FILE')}",
    )


def _named(data: Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    """Policy file, tenant id and tenant name of each plan that has them."""
    plans = data.get("plans")
    for plan in plans if isinstance(plans, list) else ():
        tenant = plan.get("tenant") if isinstance(plan, dict) else None
        if isinstance(tenant, dict) and isinstance(plan.get("file"), str):
            yield plan["file"], str(tenant.get("id")), str(tenant.get("name"))


def _found(plan_file: str, name: str, tenant: str, typed: Sequence[str]) -> str:
    """The path from here to a policy file that is named from the repository's root."""
    beside = f"add the policy file to the command: {again(typed, 'FILE')}"
    if name == STDIN:
        raise _failure(f"{plan_file} was made from standard input", beside)
    steps = PurePosixPath(name)
    roots = list(_roots(Path(plan_file)))
    inside = not steps.is_absolute() and ".." not in steps.parts and "\\" not in name
    paths = [
        root / steps for root in roots if inside and (root / steps).resolve().is_relative_to(root)
    ]
    if not paths or steps.suffix.lower() not in SUFFIXES:
        text = f"{plan_file} was made from {name}, which is not a policy file of this repository"
        raise _failure(text, beside)
    there = next((path for path in paths if path.is_file()), None)
    if there is None:
        moved = _elsewhere(roots[0], tenant)
        fix = f"the tenant's file is now {moved}: {again(typed, moved)}" if moved else beside
        raise _failure(f"{plan_file} was made from {name}, which is not in {roots[0]}", fix)
    return _from_here(there)


def _roots(plan_file: Path) -> Iterator[Path]:
    """The repository's root. Without git: this folder, and the plan file's if that contains it."""
    here = Path.cwd().resolve()
    root = repository(here)
    yield root
    above = plan_file.resolve().parent
    if not (root / ".git").exists() and above != here and here.is_relative_to(above):
        yield above


def _elsewhere(root: Path, tenant: str) -> str:
    """Another policy file for the tenant, or ''."""
    folder = root / POLICIES
    known = load([str(folder)]).desired if folder.is_dir() else ()
    files = (each.file for each in known if each.tenant.id == tenant)
    return next((_from_here(Path(file)) for file in files), "")


def _from_here(path: Path) -> str:
    return Path(os.path.relpath(path, Path.cwd().resolve())).as_posix()


def _failure(text: str, fix: str) -> PlanFileError:
    return PlanFileError(f"{text}; nothing was read and nothing was written", fix, Exit.STALE)
