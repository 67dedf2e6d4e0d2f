"""plan --against: a plan from a saved snapshot, without credentials or requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from graphpolicy.catalogue.strengths import AUTHENTICATION_STRENGTH
from graphpolicy.commands.base_revision import edited_snapshots, snapshots_at
from graphpolicy.commands.plan import guarded, unresolved
from graphpolicy.compare.documents import lists_needed, versions_needed
from graphpolicy.compare.resolve import resolve
from graphpolicy.disk.json_text import decoded
from graphpolicy.graph.read import together
from graphpolicy.journal.snapshot import Snapshot, from_json
from graphpolicy.model import (
    Account,
    Declared,
    Desired,
    Directory,
    Failure,
    Finding,
    Json,
    Named,
    Observed,
    Rollout,
    Strength,
    Unread,
    Written,
)
from graphpolicy.model.errors import InputError
from graphpolicy.model.tree import mapped
from graphpolicy.plan.changes import opt_outs
from graphpolicy.plan.make import Planned, make_plan
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.unmanaged_findings import Watched
from graphpolicy.policyfile.files import leading_out
from graphpolicy.rules.custom_strengths import strength_of


def read_snapshot(file: str) -> Snapshot:
    """The snapshot in a file that `pull --snapshot` wrote.

    Raises:
        InputError: it can't be read, is not a snapshot, or is a link that leads out of the
            repository.
    """
    if outside := leading_out(file):
        raise InputError(f"{file} {outside.message}", outside.help)
    return _snapshot(file, Path(file).read_bytes)


def _snapshot(file: str, read: Callable[[], bytes | str]) -> Snapshot:
    try:
        return from_json(decoded(read()))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"{file} can't be read as a snapshot: {reason}",
            "`graphpolicy pull --snapshot FILE` writes one",
        ) from error


def read_snapshots(places: Sequence[str]) -> dict[str, Snapshot]:
    """The snapshots in these files, and in the .json files of these folders, by tenant id.

    REVISION:PATH is a file or a folder as it is in a commit, whatever is on disk.
    """
    found: dict[str, Snapshot] = {}
    origins: dict[str, str] = {}
    for file, snapshot in (each for place in places for each in _read(place)):
        id_ = str(snapshot.tenant.id).lower()
        if id_ in found:
            raise InputError(
                f"{origins[id_]} and {file} are both of tenant {id_}", "give only one of them"
            )
        found[id_], origins[id_] = snapshot, file
    return found


def _read(place: str) -> Iterator[tuple[str, Snapshot]]:
    committed = snapshots_at(place)
    for name, text in (committed or {}).items():
        yield name, _snapshot(name, text.__str__)
    for file in _files(place) if committed is None else ():
        yield file, read_snapshot(file)


def edited(places: Sequence[str]) -> tuple[Finding, ...]:
    """A warning for each snapshot that is read from a commit and differs on disk."""
    return tuple(
        found
        for place in places
        if snapshots_at(place) is not None
        for found in edited_snapshots(*place.split(":", 1))
    )


def _files(place: str) -> list[str]:
    path = Path(place)
    if not path.is_dir():
        return [place]
    return sorted(map(str, [*path.glob("*.snapshot.json")] or path.glob("*.json")))


def plan_against(
    snapshots: Mapping[str, Snapshot], policies: Sequence[Desired], plan_context: PlanContext
) -> list[Planned | Failure]:
    """Plan every tenant from its snapshot, in order; a tenant without one is a Failure."""

    plan_context = replace(plan_context, offline=True)

    async def each(desired: Desired) -> Planned | Failure:
        snapshot = snapshots.get(desired.tenant.id)
        if snapshot is None:
            return Failure(
                desired.tenant,
                desired.file,
                "snapshot-missing",
                "no snapshot is of this tenant",
                "add its snapshot with another --against, or pick other tenants with --tenant",
            )
        return _plan(snapshot, desired, plan_context)

    async def all_of_them() -> list[Planned | Failure]:
        return await together(guarded(desired, each(desired)) for desired in policies)

    return asyncio.run(all_of_them())


def _plan(snapshot: Snapshot, desired: Desired, plan_context: PlanContext) -> Planned | Failure:
    then = plan_context.base.get(desired.tenant.id)
    needed = versions_needed(desired.mentioned, desired.tenant.cloud)
    kinds = [kind.id for kind in lists_needed(desired.mentioned)]
    lists = snapshot.observed.lists
    missing = [f"{each} document" for each in needed if each not in snapshot.observed.documents]
    missing += [kind for kind in kinds if kind not in lists]
    if missing:
        return Failure(
            desired.tenant,
            desired.file,
            "snapshot-incomplete",
            f"the snapshot has no {' and no '.join(missing)}, which this file needs",
            "take a new one with `graphpolicy pull --snapshot FILE`",
        )
    documents = snapshot.observed.documents
    observed = Observed(
        {version: documents[version] for version in needed}, {kind: lists[kind] for kind in kinds}
    )
    known = _Names(snapshot.names)
    file = known.filled(desired)
    directory = Directory(
        by_name=known.by_name,
        names=known.names,
        accounts=tuple(_accounts(desired.emergency_access, snapshot.names)),
        refused=tuple(_accounts(_groups(desired.helpdesk), snapshot.names)),
        log=None,
        opted_out=opt_outs(plan_context.facts, documents.values()),
        strengths=_strengths(lists),
    )
    resolution = resolve(file, directory, observed)
    if resolution.errors:
        return unresolved(desired, resolution)
    lacking = [_lacking(name, snapshot) for name in known.lacking]
    told = (*resolution.findings, _age(snapshot, plan_context.today), *lacking)
    resolution = replace(resolution, findings=told)
    before = resolve(known.filled(then), directory, observed).desired if then else None
    lost = then is None and desired.tenant.id in plan_context.base
    watched = Watched(snapshot.observed, live=False)
    made = make_plan(
        resolution, observed, directory, plan_context, before, base_lost=lost, watched=watched
    )
    # A digest stands for exact ids. With an unknown one it could approve a change to another group.
    return replace(made, plan=replace(made.plan, digest="")) if lacking else made


def _strengths(lists: Mapping[str, Sequence[Mapping[str, Json]]]) -> tuple[Strength, ...] | Unread:
    """The strengths of a snapshot; it does not contain what requires them."""
    if AUTHENTICATION_STRENGTH.id not in lists:
        return NO_STRENGTHS
    known = map(strength_of, lists[AUTHENTICATION_STRENGTH.id])
    return tuple(replace(each, demanded_by=NOT_HELD) for each in known)


NO_STRENGTHS = Unread("a snapshot does not contain them", "plan from the tenant itself")
NOT_HELD = Unread("a snapshot does not contain it", "plan from the tenant itself")


class _Names:
    """The groups of a snapshot. A name that it lacks stands in as its own id, and is in `lacking`.

    So the plan can be shown by name; it has no digest then.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        # `by_name` has only the snapshot's groups; `names` also has ids that only the files name.
        self.names = dict(names)
        self.lacking: list[Named] = []
        self.by_name: dict[str, tuple[tuple[str, str], ...]] = {}
        for id_, name in names.items():
            self.by_name[name] = (*self.by_name.get(name, ()), (id_, name))

    def filled(self, desired: Desired) -> Desired:
        """The policy with an id, or a stand-in for it, in every name that it mentions."""
        return replace(
            desired,
            resources=tuple(map(self._filled, desired.resources)),
            holds=tuple(
                replace(hold, live=hold.live and self._filled(hold.live)) for hold in desired.holds
            ),
            expectations=tuple(
                replace(each, who=self._known(each.who)) for each in desired.expectations
            ),
            rollouts=tuple(map(self._rollout, desired.rollouts)),
        )

    def _rollout(self, rollout: Rollout) -> Rollout:
        waves = (replace(wave, target=self._known(wave.target)) for wave in rollout.waves)
        return replace(rollout, waves=tuple(waves))

    def _filled(self, resource: Declared) -> Declared:
        return replace(resource, tree=mapped(resource.tree, self._known))

    def _known(self, named: Written) -> Written:
        if not isinstance(named, Named):
            return named
        if named.id is None:
            if named.name in self.by_name:
                return named
            if named not in self.lacking:
                self.lacking.append(named)
            named = replace(named, id=named.name)
        assert named.id is not None  # noqa: S101 - from the file, or the name as a stand-in
        self.names.setdefault(named.id.casefold(), named.name)
        return named


def _groups(helpdesk: Mapping[str, Json]) -> Json:
    return [entry for entry in helpdesk.get("refuse") or () if "group" in entry]


def _accounts(entries: Json, names: Mapping[str, str]) -> Iterator[Account]:
    """The accounts that a policy names: a snapshot knows the groups, but not their members."""
    for entry in entries if isinstance(entries, list) else ():
        kind = "group" if "group" in entry else "user"
        name = entry[kind]
        hits = [id_.casefold() for id_, shown in names.items() if shown == name and kind == "group"]
        id_ = str(entry.get("id") or (hits[0] if len(hits) == 1 else "")).casefold()
        called = next((shown for other, shown in names.items() if other.casefold() == id_), name)
        group, unread = kind == "group", None if id_ else NOT_HELD
        account = Account(f"{kind} {name!r}", id_, readable=False, group=group, unread=unread)
        if called != name and kind == "group":
            account = replace(
                account, called=called, other=tuple(each for each in hits if each != id_)
            )
        yield account


def _lacking(named: Named, snapshot: Snapshot) -> Finding:
    return Finding(
        "name-not-in-snapshot",
        "warning",
        f"group {named.name!r} is not in the snapshot of {snapshot.taken_at}: its id is not known, "
        "so the plan has no digest",
        "check the spelling, or plan from the tenant itself, which looks it up",
        source=named.place,
    )


def _age(snapshot: Snapshot, today: str) -> Finding:
    try:
        days = (date.fromisoformat(today) - date.fromisoformat(snapshot.taken_at[:10])).days
        old = {0: "taken today", 1: "1 day old"}.get(days, f"{days} days old")
    except ValueError:
        old = "age unknown"
    return Finding(
        "planned-from-snapshot",
        "note",
        f"planned from a snapshot of {snapshot.taken_at} ({old}): it does not show later changes, "
        "members of groups, or whether a group still exists",
    )
