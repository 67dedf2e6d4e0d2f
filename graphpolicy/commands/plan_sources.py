"""The policy files that a plan file was made from, looked up in the repository."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from graphpolicy.commands.approved_plan import PlanFileError, any_json, plan_document
from graphpolicy.disk.folders import repository
from graphpolicy.disk.home import POLICIES, policies_path
from graphpolicy.journal.folder import applied_file
from graphpolicy.journal.run import Run
from graphpolicy.model import Json
from graphpolicy.model.command import again
from graphpolicy.model.errors import Exit, UsageError
from graphpolicy.policyfile.files import STDIN, SUFFIXES
from graphpolicy.policyfile.load import load


def plan_anew(
    plan_file: str, tenant: str | None, files: Sequence[str], flags: Sequence[str]
) -> tuple[str, ...]:
    """The arguments of the command that plans the same again, into the same plan file.

    `files` are the policy files, if they are known; otherwise those that the plan file names and
    that exist here. `flags` are more flags for the command.
    """
    data: Json = None
    with suppress(PlanFileError):
        data = any_json(plan_file, ())
    known = data if isinstance(data, dict) else {}
    named = list(files)
    if not named:
        for name, id_, whose in _named(known.get("plans")):
            with suppress(PlanFileError):
                if tenant is None or tenant in (id_, whose):
                    named.append(_found(plan_file, name, id_, ()))
    base = known.get("base")
    words = ["--base", base] if isinstance(base, str) and "--base" not in flags else []
    into = ["-o", plan_file] if plan_file.lower().endswith(".json") else []
    return ("plan", *dict.fromkeys(named), *into, *words, *flags)


def planned_files(
    plan_file: str, tenant: str | None, typed: Sequence[str], anew: Sequence[str]
) -> tuple[str, ...]:
    """The policy files that a plan file names, for all its tenants or for one.

    Empty for a plan file of an old release, which names none. `typed` is the command that is
    running, `anew` the arguments of the command that plans the same again.

    A plan file is not trusted: no file outside the repository is read because it names it.

    Raises:
        PlanFileError: it can't be read, or a file that it names does not exist or may not be read.
    """
    plans = plan_document(plan_file, anew).get("plans")
    known = list(_named(plans))
    if known and tenant and not any(tenant in (id_, whose) for _, id_, whose in known):
        text = f"{plan_file} contains no plan for tenant {tenant!r}; nothing was written"
        raise PlanFileError(text, f"its tenants are: {', '.join(whose for *_, whose in known)}", 1)
    found = [
        _found(plan_file, name, id_, typed)
        for name, id_, whose in known
        if tenant is None or tenant in (id_, whose)
    ]
    return tuple(dict.fromkeys(found))


def resumed_files(run: Run, given: tuple[str, ...], typed: Sequence[str]) -> tuple[str, ...]:
    """The files to resume a run with: those that were `given`, else policies/.

    If policies/ has no file for the run's tenant, it is the file that the run applied. `typed` is
    the command that is running.
    """
    folder = policies_path()
    if given and given not in ((POLICIES,), (folder,)):
        return given
    known = load([folder]) if Path(folder).is_dir() else None
    if known and (known.unclear or run.tenant.id in [one.id for one in known.tenants]):
        return (folder,)
    file = applied_file(run)
    if file:
        return (file,)
    raise UsageError(
        f"run {run.name} applied {run.begun.get('file')}, which is not found from here, and "
        f"{folder}/ has no file for {run.tenant.name}; nothing was read and nothing was written",
        f"name the file: {again(typed, 'FILE')}",
    )


def _named(plans: Json) -> Iterator[tuple[str, str, str]]:
    """Policy file, tenant id and tenant name of each plan that has them."""
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
