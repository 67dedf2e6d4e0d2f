"""Policy files from disk: every file under a path with its bases, and all mistakes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from graphpolicy.catalogue.facts import Facts
from graphpolicy.model import (
    Desired,
    Finding,
    Place,
    Tenant,
)
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.assembly import PolicyFile, assembled, is_mistake
from graphpolicy.policyfile.bases import Bases
from graphpolicy.policyfile.files import Files
from graphpolicy.policyfile.library import Library
from graphpolicy.rules.table import RULES


@dataclass(frozen=True, slots=True)
class Policies:
    """What a set of paths contains: deployable policies, the files read, and all that is wrong.

    `tenants` holds the tenant of every file with a sound tenant block, even if other parts are
    wrong. `unclear` is whether some file may be for a tenant that could not be read from it.
    """

    desired: tuple[Desired, ...]
    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    tenants: tuple[Tenant, ...] = ()
    unclear: bool = False

    @property
    def sound(self) -> bool:
        return not any(map(is_mistake, self.findings))


def load(paths: Iterable[str], facts: Facts | None = None, today: str = "") -> Policies:
    """Read every policy file under the given files and folders, each once, with its bases.

    `facts` are Microsoft's defaults, limits and retirements; by default the shipped ones. With
    `today`, the day in UTC (YYYY-MM-DD), guards also judge what they can without a tenant. Leave
    it out before a plan, which judges that with live values.
    """
    files = Files()
    for path in paths:
        files.add(path)
    library = Library()
    bases = {home: Bases(library, home) for home in files.homes.values()}
    # Read these before any base, so that messages name each file as it was found under the paths.
    layers = {name: library.read(name) for name in files.names}
    policies = [
        assembled(bases[files.homes[name]], top, facts, today) for name, top in layers.items()
    ]
    extended = {name for file in policies if file.deployable for name in file.files[:-1]}
    findings = list(files.findings)
    for file in policies:
        spoken_for = today and not file.deployable and file.layer.file in extended
        findings += [
            found
            for found in file.findings
            if not spoken_for
            or RULES[found.rule].kind != "guard"  # as reported for what extends it
        ]
    findings += _same_tenant_twice(policies)
    if files.folders and policies and not any(file.deployable or file.unclear for file in policies):
        message = "no file here has a tenant block, so there is nothing to plan or apply"
        fix = "add to a file: tenant: {name: NAME, id: TENANT ID}"
        at = Place(files.folders[0])
        findings.append(Finding("no-deployable-file", "error", message, fix, source=at))
    order = {"error": 0, "warning": 1, "note": 2}
    findings.sort(key=lambda found: (order[found.level] + bool(found.acknowledged), found.where))
    warned = tuple(found for found in files.findings if found.level == "warning")
    desired = tuple(
        replace(file.desired, findings=(*warned, *file.desired.findings))
        for file in policies
        if file.desired
    )
    names = dict.fromkeys([*files.names, *(name for file in policies for name in file.files)])
    return Policies(
        desired,
        tuple(names),
        tuple(dict.fromkeys(findings)),
        tuple(file.tenant for file in policies if file.tenant),
        any(file.unclear for file in policies),
    )


def _same_tenant_twice(files: Sequence[PolicyFile]) -> Iterator[Finding]:
    """Two files with the same tenant id or name, compared without case."""
    for what in ("id", "name"):
        first: dict[str, PolicyFile] = {}
        for file in files:
            if file.tenant is None:
                continue
            value = getattr(file.tenant, what)
            other = first.setdefault(value.casefold(), file)
            if other is not file:
                yield Finding(
                    "duplicate-tenant",
                    "error",
                    f"tenant {what} {value} is already used by {other.layer.file}",
                    "keep one file for each tenant, each with its own id and name",
                    path=f"tenant.{what}",
                    source=file.layer.document.place(("tenant", what)),
                )
