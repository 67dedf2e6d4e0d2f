"""What Graph would refuse or lose if the plan were applied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphpolicy.catalogue.kinds import Collection, Targets
from graphpolicy.catalogue.values import identity
from graphpolicy.compare.diff import Comparison
from graphpolicy.compare.requests import blocked
from graphpolicy.model import Finding, Request
from graphpolicy.rules import LEGACY_PASSKEY


def incomplete_entries(comparison: Comparison) -> Iterator[Finding]:
    """New entries of collections that lack members Graph requires."""
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
                    "Graph requires them in a new entry: add them",
                    comparison.id,
                    path,
                    entry=entry,
                )


def outlived(comparison: Comparison) -> Iterator[Finding]:
    """Legacy passkey settings in a tenant with profiles: it is not documented which count."""
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
    """Requests that would overwrite a value that this API version can't show."""
    for request in requests:
        if blocked(request):
            yield Finding(
                "unknown-value",
                "error",
                f"{request.title} holds a value that Graph {request.api} shows as "
                "'unknownFutureValue'; a write would lose it",
                "change it in the portal, or leave the settings next to it undeclared",
                request.resource,
                request.paths[0],
            )
