"""Policy files from disk: every file under a path, every mistake at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from graphpolicy.model import Desired, Finding, Json, Place, Tenant
from graphpolicy.policyfile import strict_yaml, structure
from graphpolicy.policyfile.declare import declare
from graphpolicy.rules import broken_declarations

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Policies:
    """What a set of paths holds: deployable policies, the files read, and all that is wrong."""

    desired: tuple[Desired, ...]
    files: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not any(finding.level == "error" for finding in self.findings)


def load(paths: Iterable[str]) -> Policies:
    """Read every policy file under the given files and folders."""
    findings: list[Finding] = []
    files: list[str] = []
    for path in paths:
        found = _files(FilePath(path))
        if found is None:
            findings.append(_missing(path))
        files += [file for file in found or () if file not in files]
    desired: list[Desired] = []
    for file in files:
        policy, problems = read(file)
        findings += problems
        if policy:
            desired.append(policy)
    findings += _same_tenant_twice(desired)
    order = {"error": 0, "warning": 1, "note": 2}
    findings.sort(key=lambda finding: (order[finding.level], _where(finding)))
    return Policies(tuple(desired), tuple(files), tuple(findings))


def read(file: str) -> tuple[Desired | None, list[Finding]]:
    """One file: its policy if it is sound and has a tenant, and what is wrong with it."""
    try:
        raw = FilePath(file).read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        fix = "check the name and your access to it"
        return None, [
            Finding(
                "unreadable-file",
                "error",
                f"can't be read: {reason}",
                fix,
                source=Place(file, 1, 1),
            )
        ]
    document = strict_yaml.parse(raw, file)
    findings = list(document.findings)
    if document.data is None:
        return None, findings
    findings += structure.check(document)
    if findings:
        return None, findings
    resources, findings = declare(document)
    for resource in resources:
        for finding in broken_declarations(resource.resource, resource.tree):
            place = resource.place(tuple(finding.path.split(".")))
            findings.append(replace(finding, source=place))
    findings += _contradictory_emergency_access(document)
    tenant = _tenant(document.data.get("tenant"), file)
    if findings or tenant is None:
        return None, findings
    return Desired(file, tenant, resources, document.data.get("emergencyAccess")), findings


def _tenant(data: Json, file: str) -> Tenant | None:
    if data is None:
        return None
    name = data.get("name", FilePath(file).stem)
    return Tenant(name, data["id"].lower(), data.get("cloud", "global"))


def _files(path: FilePath) -> list[str] | None:
    if path.is_dir():
        return sorted(
            found.as_posix()
            for found in path.rglob("*")
            if found.suffix in SUFFIXES
            and found.is_file()
            and not any(part.startswith(".") for part in found.relative_to(path).parts)
        )
    return [path.as_posix()] if path.exists() else None


def _missing(path: str) -> Finding:
    return Finding(
        "missing-file",
        "error",
        "there is no such file or folder",
        "name a policy file or a folder of them; the default is policies/",
        source=Place(path, 1, 1),
    )


def _same_tenant_twice(policies: Sequence[Desired]) -> list[Finding]:
    findings = []
    for index, policy in enumerate(policies):
        for other in policies[:index]:
            for what in ("id", "name"):
                value = getattr(policy.tenant, what)
                if value == getattr(other.tenant, what):
                    findings.append(
                        Finding(
                            "duplicate-tenant",
                            "error",
                            f"the tenant {what} {value} is also that of {other.file}",
                            "keep one file for one tenant, each with a name of its own",
                            source=Place(policy.file, 1, 1),
                        )
                    )
    return findings


def _contradictory_emergency_access(document: strict_yaml.Document) -> list[Finding]:
    entries = document.data.get("emergencyAccess")
    if isinstance(entries, dict):
        return (
            [] if "none" in entries else [_emergency(document, (), "says neither who nor why not")]
        )
    return [
        _emergency(document, (index,), "names a user and a group in one entry")
        for index, entry in enumerate(entries or ())
        if "user" in entry and "group" in entry
    ]


def _emergency(document: strict_yaml.Document, step: tuple[int, ...], problem: str) -> Finding:
    return Finding(
        "emergency-access",
        "error",
        f"emergencyAccess {problem}",
        "write - user: NAME or - group: NAME, one an entry, or {none: REASON}",
        path="emergencyAccess",
        source=document.place(("emergencyAccess", *step)),
    )


def _where(finding: Finding) -> tuple[str, int, int]:
    place = finding.source
    return (place.file, place.line, place.column) if place else ("", 0, 0)
