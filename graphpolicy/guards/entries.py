"""What Graph would refuse, or lose, if the plan were carried out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphpolicy.catalogue.kinds import Collection, Targets
from graphpolicy.catalogue.values import identity
from graphpolicy.compare.diff import Comparison
from graphpolicy.compare.requests import blocked
from graphpolicy.model import Finding, Request
from graphpolicy.rules import LEGACY_PASSKEY


def incomplete_entries(comparison: Comparison) -> Iterator[Finding]:
    """New entries of collections without what Graph needs in one."""
    for difference in comparison.differences:
        kind = difference.row.kind
        if not isinstance(kind, Collection | Targets):
            continue
        names = ("id",) if isinstance(kind, Targets) else (kind.key, *kind.identity)
        old = {identity(kind, entry) for entry in difference.before or ()}
        for entry in difference.after:
            missing = [row.name for row in kind.members if row.required and row.name not in entry]
            if missing and identity(kind, entry) not in old:
                path = ".".join(difference.path)
                lead = next((f" {str(entry[name])!r}" for name in names if name in entry), "")
                yield Finding(
                    "incomplete-entry",
                    "error",
                    f"the new entry{lead} of {path} lacks {', '.join(missing)}",
                    "Graph needs them in a new entry: write them",
                    comparison.id,
                    path,
                    entry=entry,
                )


def outlived(comparison: Comparison) -> Iterator[Finding]:
    """Which of both counts is not documented where a tenant has the old and the new."""
    if not any(document.get("passkeyProfiles") for document in comparison.documents.values()):
        return
    for difference in comparison.differences:
        if difference.top in LEGACY_PASSKEY:
            path = ".".join(difference.path)
            yield Finding(
                "passkey-legacy-and-profiles",
                "error",
                f"this tenant has passkey profiles, which replace {path}",
                "declare it in the profiles (attestationEnforcement, keyRestrictions)",
                comparison.id,
                path,
            )


def unwritable(requests: Sequence[Request]) -> Iterator[Finding]:
    """Objects with a value that this version of Graph can't show."""
    for request in requests:
        if blocked(request):
            yield Finding(
                "unknown-value",
                "error",
                f"{request.title} holds a value that Graph {request.api} shows as "
                "'unknownFutureValue'; writing around it would lose it",
                "change it in the portal, or leave the settings next to it undeclared",
                request.resource,
                request.paths[0],
            )
