"""Guards on a plan as a whole: how much it changes, what can't be undone, what Graph would refuse
or drop, and targets that no longer exist.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphpolicy.catalogue.kinds import Entries, Targets
from graphpolicy.catalogue.values import identity
from graphpolicy.compare.comparison import Comparison
from graphpolicy.compare.requests import blocked
from graphpolicy.compare.resolve import target_ids
from graphpolicy.guards.plan_view import PlanView
from graphpolicy.model import POLICY, Directory, Finding, Json, Path, Request
from graphpolicy.rules.passkeys import LEGACY_PASSKEY, PROFILES

NEAR = 0.8
"""The part of the limit from which on the guard reports it."""


def too_many_changes(view: PlanView) -> Iterator[Finding]:
    """More changes than a person can review well."""
    most = view.levels.at_most("too-many-changes")
    if view.changes > most:
        yield Finding(
            "too-many-changes",
            "warning",
            f"the plan changes {view.changes} settings of this tenant, more than {most}",
            "make sure that it is the right tenant, and split the change if possible",
            POLICY,
        )


def policy_size(view: PlanView) -> Iterator[Finding]:
    """The plan adds to a policy that is close to, or above, the size that Microsoft saves."""
    limit = view.facts.limit("policy-size", view.cloud).now
    before, after = view.sizes
    if limit is None or after <= before or after <= limit.value * NEAR:
        return
    over = after > limit.value
    yield Finding(
        "policy-size",
        "warning" if over else "note",
        f"the policy would have about {after} bytes; Microsoft saves no more than {limit.value}, "
        f"as of {limit.as_of}",
        "let groups share passkey profiles, and use one group instead of several",
        POLICY,
    )


def irreversible_change(view: PlanView) -> Iterator[Finding]:
    """The tenant opts in to passkey profiles (Entra how-to-authentication-passkey-profiles)."""
    for both in view.of(("Fido2",)):
        if both.after.get(PROFILES) and not both.before.get(PROFILES):
            yield both.finding(
                "irreversible-change",
                "this opts the tenant in to passkey profiles, which can't be undone",
                "first read the page that `passkeyProfiles` links to",
                PROFILES,
            )


def incomplete_entries(comparison: Comparison) -> Iterator[Finding]:
    """New entries of collections that lack members Graph requires."""
    for difference in comparison.differences:
        kind = difference.row.kind
        if not isinstance(kind, Entries):
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


EXCLUSIONS = ("excludeTargets", "excludeTarget")


def dangling(
    comparison: Comparison, future: Mapping[str, Json], directory: Directory
) -> Iterator[Finding]:
    """Targets after the plan that no longer exist in the directory."""
    for id_ in sorted(id_ for id_ in target_ids(future) if id_.casefold() in directory.gone):
        for path, target in dict(_targets_of(future, id_, ())).items():
            where = ".".join(path)
            own_doing = path[-1] in EXCLUSIONS and _writes(comparison, path, id_)
            yield Finding(
                "dangling-target",
                "error" if own_doing else "warning",
                f"{comparison.declared.title}.{where} refers to {id_}, which no longer exists",
                "remove it from the list, or write the group that replaced it",
                comparison.id,
                where,
                entry=target,
            )


def _writes(comparison: Comparison, path: Path, id_: str) -> bool:
    """Whether the plan itself adds an id to a target."""
    return any(
        difference.path == path and id_ not in target_ids(difference.before)
        for difference in comparison.differences
    )


def _targets_of(value: Json, id_: str, path: Path) -> Iterator[tuple[Path, Json]]:
    if isinstance(value, Mapping):
        if value.get("id") == id_ and "targetType" in value:
            yield path, value
        for name, member in value.items():
            yield from _targets_of(member, id_, (*path, name))
    elif isinstance(value, list):
        for item in value:
            yield from _targets_of(item, id_, path)


def not_read(directory: Directory) -> Iterator[Finding]:
    """A note about what was not checked because the directory could not be read."""
    if not directory.readable:
        yield Finding(
            "directory-not-read",
            "note",
            "the directory could not be read: some ids are shown without names, and it was not "
            "checked whether every target still exists",
            "grant GroupMember.Read.All for groups, Directory.Read.All for all ids",
        )
