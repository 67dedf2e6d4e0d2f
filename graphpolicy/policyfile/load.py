"""Policy files from disk: every file under a path, every mistake at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from graphpolicy.model import NOBODY, Desired, Finding, Json, Place, Tenant
from graphpolicy.policyfile import structure
from graphpolicy.policyfile.declare import declare
from graphpolicy.policyfile.emergency import broken_emergency_access
from graphpolicy.policyfile.files import Files, read_bytes
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.schema import TENANT_NAME
from graphpolicy.policyfile.strict_yaml import Document, parse
from graphpolicy.policyfile.wording import shown
from graphpolicy.rules import broken_declarations


@dataclass(frozen=True, slots=True)
class Policies:
    """What a set of paths holds: deployable policies, the files read, and all that is wrong."""

    desired: tuple[Desired, ...]
    files: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not any(finding.level == "error" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class File:
    """One file read. `desired` is its policy if it is sound and has a tenant.

    `deployable` says whether it has a tenant block at all; `tenant` is what could be made of it.
    """

    name: str
    findings: tuple[Finding, ...]
    desired: Desired | None = None
    tenant: Tenant | None = None
    deployable: bool = False
    places: Mapping[str, Place] | None = None
    """Where the tenant's `id` and `name` are written."""


def load(paths: Iterable[str]) -> Policies:
    """Read every policy file under the given files and folders, each once."""
    files = Files()
    for path in paths:
        files.add(path)
    read_files = [read(name) for name in files.names]
    findings = [*files.findings, *(found for file in read_files for found in file.findings)]
    findings += _same_tenant_twice(read_files)
    if files.folders and read_files and not any(file.deployable for file in read_files):
        findings.append(_nothing_to_deploy(files.folders[0]))
    order = {"error": 0, "warning": 1, "note": 2}
    findings.sort(key=lambda found: (order[found.level], _where(found)))
    desired = tuple(file.desired for file in read_files if file.desired)
    return Policies(desired, tuple(files.names), tuple(dict.fromkeys(findings)))


def read(file: str) -> File:
    """One file, with everything that is wrong with it."""
    raw = read_bytes(file)
    if isinstance(raw, Finding):
        return File(file, (raw,))
    return judge(parse(raw, file))


def judge(document: Document) -> File:
    """What a document is worth as a policy."""
    if document.data is None:
        return File(document.file, _most(document.findings))
    checked = structure.check(document)
    resources, problems = declare(document, checked.data)
    findings = [*checked.findings, *problems]
    for resource in resources:
        findings += [
            replace(found, source=resource.place(tuple(found.path.split("."))))
            for found in broken_declarations(resource)
        ]
    emergency_access = checked.data.get("emergencyAccess")
    findings += broken_emergency_access(document, emergency_access)
    tenant, problem = _tenant(document, checked.data.get("tenant"))
    findings += problem
    sound = not any(found.level == "error" for found in findings)
    desired = (
        Desired(document.file, tenant, resources, emergency_access) if sound and tenant else None
    )
    deployable = isinstance(document.data, dict) and "tenant" in document.data
    places = {what: document.place(("tenant", what)) for what in ("id", "name")}
    return File(document.file, _most(findings), desired, tenant, deployable, places)


def _tenant(document: Document, data: Json) -> tuple[Tenant | None, list[Finding]]:
    if not isinstance(data, dict) or "id" not in data:
        return None, []
    id_ = data["id"].lower()
    if id_ == NOBODY:
        message = "tenant.id is all zeros, which is no tenant"
        fix = "write the tenant's directory id"
        return None, [finding(document, ("tenant", "id"), "bad-value", message, fix)]
    name = data.get("name", FilePath(document.file).stem)
    if not re.fullmatch(TENANT_NAME, name):
        message = f"the file's name {shown(name)} can't be the tenant's short name"
        fix = "add a name to the tenant block, as in name: contoso"
        return None, [finding(document, ("tenant",), "tenant-name", message, fix, at_key=True)]
    return Tenant(name, id_, data.get("cloud", "global")), []


def _same_tenant_twice(files: Sequence[File]) -> Iterator[Finding]:
    """A tenant's id and its name, in either case, belong to one file."""
    for what in ("id", "name"):
        first: dict[str, File] = {}
        for file in files:
            if file.tenant is None or file.places is None:
                continue
            value = getattr(file.tenant, what)
            other = first.setdefault(value.casefold(), file)
            if other is not file:
                yield Finding(
                    "duplicate-tenant",
                    "error",
                    f"the tenant {what} {value} is also that of {other.name}",
                    "keep one file for one tenant, each with a name of its own",
                    path=f"tenant.{what}",
                    source=file.places[what],
                )


def _nothing_to_deploy(folder: str) -> Finding:
    return Finding(
        "no-deployable-file",
        "error",
        "no file here has a tenant block, so there is nothing to plan or apply",
        "add to a file: tenant: {name: NAME, id: TENANT ID}",
        source=Place(folder, 1, 1),
    )


def _most(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of a file in order, the first of them if they are endless."""
    ordered = sorted(findings, key=_where)
    if len(ordered) <= structure.MOST:
        return tuple(ordered)
    message = f"the file has more than {structure.MOST} mistakes, and the rest is not shown"
    fix = "check that it is a policy file, and repair what is shown first"
    place = ordered[structure.MOST].source
    rest = Finding("too-many-mistakes", "error", message, fix, source=place)
    return (*ordered[: structure.MOST], rest)


def _where(found: Finding) -> tuple[str, int, int]:
    place = found.source
    return (place.file, place.line, place.column) if place else ("", 0, 0)
