"""Rules about values that belong together. Judged on what a file declares, and by `plan` again on
what would be in force afterwards, declared or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from graphpolicy.model import Finding, Json

LIFETIMES = ("minimumLifetimeInMinutes", "defaultLifetimeInMinutes", "maximumLifetimeInMinutes")
LEGACY_PASSKEY = ("isAttestationEnforced", "keyRestrictions")


def broken_rules(resource: str, values: Mapping[str, Json]) -> Iterator[Finding]:
    """What of a resource's values contradicts itself; a value that is not there is not judged."""
    if resource == "TemporaryAccessPass":
        yield from _lifetimes(values)
    if resource == "X509Certificate":
        yield from _bindings(values)


def broken_declarations(resource: str, tree: Mapping[str, Json]) -> Iterator[Finding]:
    """Rules about what may be declared together, whatever the tenant has."""
    yield from broken_rules(resource, tree)
    if resource == "Fido2" and tree.get("passkeyProfiles"):
        for name in LEGACY_PASSKEY:
            if tree.get(name):
                yield Finding(
                    "passkey-legacy-and-profiles",
                    "error",
                    f"Fido2 declares both {name} and passkeyProfiles, which replace it",
                    f"move {name} into the profiles (attestationEnforcement, keyRestrictions)",
                    resource,
                    name,
                )


def _lifetimes(values: Mapping[str, Json]) -> Iterator[Finding]:
    known = [(name, values[name]) for name in LIFETIMES if isinstance(values.get(name), int)]
    for (low_name, low), (high_name, high) in pairwise(known):
        if low > high:
            yield Finding(
                "tap-lifetime-order",
                "error",
                f"TemporaryAccessPass has {low_name} {low} above {high_name} {high}",
                "keep minimum <= default <= maximum",
                "TemporaryAccessPass",
                high_name,
            )


def _bindings(values: Mapping[str, Json]) -> Iterator[Finding]:
    seen: set[Json] = set()
    for entry in values.get("certificateUserBindings") or ():
        priority = entry.get("priority")
        if priority in seen:
            yield Finding(
                "binding-priority",
                "error",
                f"X509Certificate has two certificateUserBindings of priority {priority}",
                "give every binding a priority of its own",
                "X509Certificate",
                "certificateUserBindings",
            )
        seen.add(priority)
