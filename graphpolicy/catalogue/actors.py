"""Applications of Microsoft's own that an audit log may name, by their application ids.

A record that names one of them shows a change by Microsoft. Only the id decides: anybody can
register an application called "Microsoft Substrate Management". Some records have no `appId`; the
application that they name is treated like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from graphpolicy.model.records import dataclass

FIRST_PARTY = "https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in"
ELASTIC = (
    "https://github.com/elastic/integrations/blob/main/packages/microsoft_entra_id/docs/README.md"
)
UNKNOWN_ACTORS = "https://learn.microsoft.com/troubleshoot/azure/active-directory/unknown-actors-in-audit-reports"


@dataclass(frozen=True, slots=True)
class FirstPartyApp:
    """One application of Microsoft's; `evidence` says how it is known to change this policy."""

    id: str
    name: str
    evidence: Literal["documented", "observed", "assumed"]
    source: str


ACTORS: Mapping[str, FirstPartyApp] = {
    row.id: row
    for row in (
        FirstPartyApp(
            "b5a60e17-278b-4c92-a4e2-b9262e66bb28",
            "Azure MFA StrongAuthenticationService",
            "assumed",  # observed for the methods of people
            ELASTIC,
        ),
        FirstPartyApp(
            "98db8bd6-0cc0-4e67-9de5-f187f1cd1b41",
            "Microsoft Substrate Management",
            "assumed",  # documented for users that Exchange Online writes
            UNKNOWN_ACTORS,
        ),
        FirstPartyApp(
            "00000014-0000-0000-c000-000000000000",
            "Microsoft.Azure.SyncFabric",
            "assumed",  # observed for users
            FIRST_PARTY,
        ),
        FirstPartyApp(
            "93625bc8-bfe2-437a-97e0-3d0060024faa",
            "Microsoft password reset service",
            "assumed",  # for self-service password reset, whose methods this policy has taken over
            FIRST_PARTY,
        ),
    )
}
"""By application id."""
