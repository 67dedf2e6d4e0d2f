"""The snapshot that is kept beside the policy file of a tenant: NAME.snapshot.json."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from graphpolicy.disk.folders import read_inside, repository
from graphpolicy.disk.json_text import decoded
from graphpolicy.journal.snapshot import from_json
from graphpolicy.model import CONFIGURATIONS, Desired, Finding, Kept, Tenant
from graphpolicy.model.command import command
from graphpolicy.policyfile.files import STDIN

SNAPSHOT = ".snapshot.json"


def snapshot_file(file: str, tenant: Tenant) -> str:
    """Where the snapshot of a tenant is kept; `file` is its policy file."""
    folder = Path() if file == STDIN else Path(file).parent
    return (folder / f"{tenant.name}{SNAPSHOT}").as_posix()


def kept_snapshot(
    desired: Desired, called: Callable[[str], str] = str, *, several: bool = False
) -> Kept:
    """The snapshot beside a policy file, if there is one. `called` is how messages call a file.

    `several` is whether there are other tenants, so that a command must name this one.
    """
    file = snapshot_file(desired.file, desired.tenant)
    which = ("--tenant", desired.tenant.name) if several else ()
    kept = Kept(file, called(file), command("pull", *which, "--snapshot", file))
    raw = _raw(file)
    if raw is None:
        return kept
    if isinstance(raw, str):
        return replace(kept, problem=raw)
    try:
        found = from_json(decoded(raw))
    except ValueError as error:
        return replace(kept, problem=str(error))
    for version, document in found.observed.documents.items():
        if CONFIGURATIONS not in document:
            return replace(kept, problem=f"its `{version}` document has no {CONFIGURATIONS}")
    if str(found.tenant.id).casefold() != desired.tenant.id:
        whose = f"{found.tenant.name} ({found.tenant.id})"
        return replace(kept, problem=f"it is of the tenant {whose}")
    return replace(kept, observed=found.observed, names=found.names, taken_at=found.taken_at)


def kept_for(policies: Sequence[Desired], base: Mapping[str, Kept] | None) -> dict[str, Kept]:
    """What the undeclared of each tenant is compared with, by its id; not if the file says ignore.

    With a base it is the base's snapshot: whoever edits it hides nothing from a review.
    """
    wanted = [each for each in policies if each.unmanaged != "ignore"]
    found = {each.tenant.id: kept_snapshot(each, several=len(policies) > 1) for each in wanted}
    if base is None:
        return found
    return {id_: _of_base(base.get(id_), own) for id_, own in found.items()}


def _of_base(base: Kept | None, own: Kept) -> Kept:
    if base is None:
        there = Kept(own.file, f"{own.file} in the base", own.write)
        return replace(there, proposed=own if _exists(own) else None)
    same = _exists(base) == _exists(own) and _content(base) == _content(own)
    return replace(base, file=own.file, write=own.write, proposed=None if same else own)


def _exists(kept: Kept) -> bool:
    return bool(kept.problem) or kept.observed is not None


def _content(kept: Kept) -> tuple[object, ...]:
    return kept.problem, kept.observed, kept.names, kept.taken_at


def _raw(file: str) -> bytes | str | None:
    """The bytes of a file, why it can't be read, or None if there is none."""
    if not os.path.lexists(file):
        return None
    try:
        return read_inside(file)
    except OSError as error:
        return f"it can't be read: {error.strerror or type(error).__name__}"


def unless_kept(findings: Iterable[Finding], kept: Iterable[Kept]) -> tuple[Finding, ...]:
    """The findings about edited snapshots, without those of `kept`: a plan judges these."""
    judged = {os.path.realpath(each.file) for each in kept}
    top = repository(Path())
    return tuple(
        found
        for found in findings
        if found.source is None or os.path.realpath(top / found.source.file) not in judged
    )
