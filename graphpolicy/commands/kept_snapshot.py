"""The snapshot that is kept beside the policy file of a tenant: NAME.snapshot.json."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from graphpolicy.compare.conformance import misshapen
from graphpolicy.compare.resolve import target_ids
from graphpolicy.disk.folders import read_inside, repository
from graphpolicy.disk.json_text import decoded
from graphpolicy.journal.snapshot import Snapshot, from_json, says_the_same, stable
from graphpolicy.model import CONFIGURATIONS, Desired, Finding, KeptSnapshot, Observed, Tenant
from graphpolicy.model.command import command
from graphpolicy.model.records import dataclass
from graphpolicy.plan.unmanaged_findings import unusable
from graphpolicy.policyfile.files import STDIN

SNAPSHOT = ".snapshot.json"


def snapshot_file(file: str, tenant: Tenant) -> str:
    """Where the snapshot of a tenant is kept; `file` is its policy file."""
    folder = Path() if file == STDIN else Path(file).parent
    return (folder / f"{tenant.name}{SNAPSHOT}").as_posix()


def is_kept(desired: Desired) -> bool:
    """Whether there is a snapshot beside a policy file, usable or not."""
    return os.path.lexists(snapshot_file(desired.file, desired.tenant))


def kept_snapshot(
    desired: Desired, called: Callable[[str], str] = str, *, several: bool = False
) -> KeptSnapshot:
    """The snapshot beside a policy file, if there is one. `called` is how messages call a file.

    `several` is whether there are other tenants, so that a command must name this one.
    """
    file = snapshot_file(desired.file, desired.tenant)
    which = ("--tenant", desired.tenant.name) if several else ()
    kept = KeptSnapshot(file, called(file), command("pull", *which, "--snapshot", file))
    raw = _raw(file)
    if raw is None:
        return kept
    if isinstance(raw, str):
        return replace(kept, problem=raw)
    try:
        found = from_json(decoded(raw))
    except ValueError as error:
        return replace(kept, problem=str(error))
    if problem := _misshapen(found.observed):
        return replace(kept, problem=problem)
    if str(found.tenant.id).casefold() != desired.tenant.id:
        whose = f"{found.tenant.name} ({found.tenant.id})"
        return replace(kept, problem=f"it is of the tenant {whose}")
    return replace(kept, observed=found.observed, names=found.names, taken_at=found.taken_at)


@dataclass(frozen=True, slots=True)
class RenewedSnapshot:
    """The text of a committed snapshot, and the one it should have; `said` has no times."""

    file: str
    old: bytes
    new: bytes
    said: str


def renewed(desired: Desired, taken: Snapshot) -> RenewedSnapshot | None:
    """The snapshot beside a policy file brought up to date; None if there is none, or no need.

    What could not be read this time stays as it is in the old one.
    """
    file = snapshot_file(desired.file, desired.tenant)
    raw = _raw(file)
    if not isinstance(raw, bytes):
        return None
    kept = kept_snapshot(desired)
    if kept.observed is not None:
        lists = {**kept.observed.lists, **taken.observed.lists}
        ids = {id_.casefold() for id_ in target_ids(*taken.observed.documents.values())}
        left = {id_: name for id_, name in kept.names.items() if id_ in ids}
        observed = replace(taken.observed, lists=lists)
        taken = replace(taken, observed=observed, names={**left, **taken.names})
        before = Snapshot(taken.tenant, kept.taken_at, kept.observed, kept.names)
        if says_the_same(before, taken):
            return None
    said = stable(replace(taken, taken_at=""))
    return RenewedSnapshot(file, raw, stable(taken).encode(), said)


def kept_for(
    policies: Iterable[Desired], base: Mapping[str, KeptSnapshot] | None, *, several: bool = False
) -> dict[str, KeptSnapshot]:
    """What the undeclared of each tenant is compared with, by its id.

    With a base it is the base's snapshot, so that an edit of it hides nothing from a review.
    `several` is as in `kept_snapshot`.
    """
    found = {each.tenant.id: kept_snapshot(each, several=several) for each in policies}
    if base is None:
        return found
    return {id_: _of_base(base.get(id_), own) for id_, own in found.items()}


def _misshapen(observed: Observed) -> str:
    """What is wrong with the documents of a snapshot; '' if nothing is."""
    for version, document in observed.documents.items():
        methods = document.get(CONFIGURATIONS)
        if not isinstance(methods, list) or not all(isinstance(each, dict) for each in methods):
            return f"its `{version}` document has no list of {CONFIGURATIONS}"
        if odd := next(misshapen(document), ""):
            return f"its `{version}` document differs from what Graph documents: {odd}"
    return ""


def _of_base(base: KeptSnapshot | None, own: KeptSnapshot) -> KeptSnapshot:
    if base is None:
        there = KeptSnapshot(own.file, f"{own.file} in the base", own.write)
        return replace(there, proposed=own if _exists(own) else None)
    same = _exists(base) == _exists(own) and _content(base) == _content(own)
    return replace(base, file=own.file, write=own.write, proposed=None if same else own)


def _exists(kept: KeptSnapshot) -> bool:
    return bool(kept.problem) or kept.observed is not None


def _content(kept: KeptSnapshot) -> tuple[object, ...]:
    return kept.problem, kept.observed, kept.names, kept.taken_at


def _raw(file: str) -> bytes | str | None:
    """The bytes of a file, why it can't be read, or None if there is none."""
    if not os.path.lexists(file):
        return None
    if os.path.exists(file) and not os.path.isfile(file):  # noqa: PTH110, PTH113 - a broken link
        return "it is not a file"  # reading a pipe might never end
    try:
        return read_inside(file)
    except OSError as error:
        return f"it can't be read: {error.strerror or type(error).__name__}"


def broken_snapshots(policies: Iterable[Desired]) -> Iterator[Finding]:
    """The snapshots beside policy files that nothing can be compared with."""
    for desired in policies:
        if desired.unmanaged != "ignore" and (kept := kept_snapshot(desired)).problem:
            yield unusable(desired, kept)


def unless_kept(findings: Iterable[Finding], policies: Iterable[Desired]) -> tuple[Finding, ...]:
    """The findings about edited snapshots, without those that the plans of policies judge."""
    watched = (each for each in policies if each.unmanaged != "ignore")
    judged = {os.path.realpath(snapshot_file(each.file, each.tenant)) for each in watched}
    top = repository(Path())
    return tuple(
        found
        for found in findings
        if found.source is None or os.path.realpath(top / found.source.file) not in judged
    )
