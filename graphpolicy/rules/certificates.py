"""Rules about certificates."""

from __future__ import annotations

from collections.abc import Iterator

from graphpolicy.model import Finding, Json
from graphpolicy.rules.subject import Subject


def about_certificates(subject: Subject) -> Iterator[Finding]:
    """Every binding needs a priority of its own (Graph x509CertificateUserBinding)."""
    seen: set[Json] = set()
    for entry in subject.values.get("certificateUserBindings") or ():
        priority = entry.get("priority")
        if priority in seen:
            yield subject.finding(
                "binding-priority",
                f"X509Certificate has two certificateUserBindings with priority {priority}",
                "give every binding a priority of its own",
                "certificateUserBindings",
                entry=entry,
            )
        seen.add(priority)
