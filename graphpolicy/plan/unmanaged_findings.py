"""What a tenant has and no file declares, as a reviewer reads it: differences and findings. Pure.

None of it is ever planned. With `ignore` it is not shown either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import field

from graphpolicy import model
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.values import sendable
from graphpolicy.compare.authors import Evidence, MovedSetting, announced, authors, is_microsofts
from graphpolicy.compare.labels import entries, label, listed
from graphpolicy.compare.resolve import target_ids
from graphpolicy.compare.snapshot_values import profile_names
from graphpolicy.compare.undeclared import Undeclared, is_on, methods_in_no_file, undeclared
from graphpolicy.model import Finding, Json, KeptSnapshot, Place, Unmanaged
from graphpolicy.model.command import command
from graphpolicy.model.records import dataclass
from graphpolicy.plan.changes import audience_of
from graphpolicy.plan.verdict import UNDECLARED

LONGEST = 120
"""Characters of a value that this release does not know."""
STATE = ("state",)
LACKING, GONE = "not in the snapshot", "no longer in the tenant"


@dataclass(frozen=True, slots=True)
class Watched:
    """All that was read of a tenant, declared or not, and why a list could not be read, by kind.

    `live` is false if it comes from a snapshot.
    """

    observed: model.Observed
    unread: Mapping[str, model.Unread] = field(default_factory=dict)
    live: bool = True


@dataclass(frozen=True, slots=True)
class UnmanagedWatch:
    """What a plan compares of undeclared settings: the policy, what was read, and the snapshot."""

    desired: model.ResolvedPolicy
    holds: tuple[model.ResolvedHold, ...]
    watched: Watched
    kept: KeptSnapshot
    evidence: Evidence = field(default_factory=Evidence)
    strict: bool = False
    """Whether every difference makes a drift."""

    def differences(self, names: Mapping[str, str], facts: Facts) -> Iterator[Unmanaged]:
        """Each difference from the snapshot. `names` are of groups by folded id."""
        desired, then = self.desired, self.kept.observed
        if then is None:
            return
        now = self.watched.observed
        known = {**self.kept.names, **profile_names(then), **profile_names(now), **names}
        for one in undeclared(desired.resources, self.holds, now, then, desired.tenant.cloud):
            yield self._described(one, known, facts)

    def _described(self, one: Undeclared, names: Mapping[str, str], facts: Facts) -> Unmanaged:
        kind = one.row.kind if one.row else None
        before, after = (
            sendable(kind, value) if kind and value is not None else value
            for value in (one.before, one.after)
        )
        changed_by = authors(self.evidence, self._difference(one, facts))
        along = one.resource.along(one.path)[-2:] if one.resource and one.row else ()
        return Unmanaged(
            one.id,
            one.title,
            ".".join(one.path),
            before,
            after,
            LACKING if before is None else self._words(one, one.before, names, facts),
            GONE if after is None else self._words(one, one.after, names, facts),
            audience_of(one.live, {}, one.path or STATE, names),
            ": ".join(row.label for row in along),
            entries(kind, one.before, one.after, names) if kind and listed(kind) else (),
            one.turned_on,
            self.strict or counts(one, self.desired.unmanaged, changed_by),
            changed_by,
        )

    def _difference(self, one: Undeclared, facts: Facts) -> MovedSetting:
        """The difference, for looking up who made it."""
        kind, notice = one.row.kind if one.row else None, None
        if kind and one.resource and one.path:
            about, live = (one.resource.id, one.path), (kind, one.after)
            notice = announced(facts, self.desired.tenant.cloud, about, live, self.evidence)
        by_name = one.resource and one.resource.by_name
        return MovedSetting(
            one.title if by_name else one.id,
            # Of whole resources only strengths have a record of their own.
            one.path or (() if by_name else STATE),
            one.after,
            one.before,
            kind,
            self.kept.taken_at,
            notice,
        )

    def _words(self, one: Undeclared, value: Json, names: Mapping[str, str], facts: Facts) -> str:
        if not one.path:
            return _whole(value, names)
        if one.resource is None or one.row is None:
            return _raw(value)
        cloud = self.desired.tenant.cloud
        managed = facts.managed_value(one.resource.id, ".".join(one.path), cloud)
        return label(one.row.kind, value, names, managed)

    def findings(self, names: Mapping[str, str]) -> Iterator[Finding]:
        """What a person must know besides the differences themselves."""
        kept, names = self.kept, {**self.kept.names, **names}
        if kept.problem:
            yield unusable(self.desired, kept)
        elif kept.observed is None:
            yield Finding(
                "no-snapshot",
                "note",
                f"no snapshot to compare undeclared settings with: {kept.where} does not exist",
                f"{kept.write} writes it; commit it beside the policy file",
            )
        else:
            yield from self._not_compared(kept.observed)
        yield from self._in_no_file(names)
        if kept.proposed:
            yield from self._edited(kept.proposed, names)

    def _not_compared(self, then: model.Observed) -> Iterator[Finding]:
        """What only one of the two readings has."""
        now, kept = self.watched.observed, self.kept
        for kind, why in self.watched.unread.items():
            yield Finding(
                "not-compared",
                "warning",
                f"{kind} could not be read, so what no file declares there was not compared",
                f"{why.fix} ({why.why})",  # a reason may differ from run to run, as an id does
            )
        lacking = [
            f"{version} document" for version in now.documents.keys() - then.documents.keys()
        ]
        lacking += now.lists.keys() - then.lists.keys()
        if lacking:
            yield Finding(
                "not-compared",
                "note",
                f"{kept.where} has no {' and no '.join(sorted(lacking))}, so what no file declares "
                "there was not compared",
                f"write it again with {command('pull', '--update')}, and commit it",
                source=Place(kept.file),
            )

    def _in_no_file(self, names: Mapping[str, str]) -> Iterator[Finding]:
        """The methods that are on and in no file, where that is refused or nothing is compared."""
        refuse, kept = self.desired.unmanaged == "refuse", self.kept
        if kept.observed is not None and not refuse:
            return
        found = methods_in_no_file(self.desired.resources, self.holds, self.watched.observed)
        waiting = {each.title for each in self.desired.rolled}  # for a rollout that has not begun
        said = [
            (item.id, f"{item.title}.state" if partly else item.title, _whole(item.first, names))
            for item, partly in found
            if partly or item.title not in waiting
        ]
        fix = f"declare in {self.desired.file} what is to stay, and disable the rest in the tenant"
        if refuse:
            for id_, name, whole in said:
                message = f"{name} is {whole}, and no file declares it"
                yield Finding(UNDECLARED, "error", message, fix, id_, "state")
        elif said:
            listed = "; ".join(f"{name}, {whole}" for _, name, whole in said)
            message = f"in the tenant and in no file: {listed}"
            yield Finding("method-in-no-file", "note", message, fix)

    def _edited(self, proposed: KeptSnapshot, names: Mapping[str, str]) -> Iterator[Finding]:
        """The snapshot that this change edits: whether the tenant is as the edit says."""
        agrees = self.watched.live and self._agrees(proposed, names)
        message = f"this change edits the snapshot, so {self.kept.where} was compared with"
        fix = f"remove it from this change; {command('pull', '--update')} writes a correct one"
        if agrees:
            message, fix = "this change edits the snapshot, and the tenant matches the edit", ""
        elif proposed.problem:
            message += f". It can't serve as one: {proposed.problem}"
        elif proposed.observed is None:
            message = (
                "this change removes the snapshot, and without it changes in what no file "
                "declares are not found"
            )
            fix = f"put it back as it was, or write a new one: {self.kept.write}"
        elif self.watched.live:
            message += ". The tenant does not match the edit"
        level: model.Level = "note" if agrees else "warning"
        at = Place(proposed.file)
        yield Finding("snapshot-edited", level, message, fix, source=at, volatile=True)

    def _agrees(self, proposed: KeptSnapshot, names: Mapping[str, str]) -> bool:
        """Whether the tenant is as an edit of the snapshot says, in all that it touches."""
        now, then, old = self.watched.observed, proposed.observed, self.kept.observed
        if then is None or now.documents.keys() - then.documents.keys():
            return False
        if now.lists.keys() - then.lists.keys():
            return False
        if any(names.get(id_) != proposed.names[id_] for id_ in self._renamed(proposed)):
            return False
        odd = self._moved(now, then) | self._moved(then, now)
        return not (odd & (self._moved(then, old) | self._moved(old, then)) if old else odd)

    def _renamed(self, proposed: KeptSnapshot) -> set[str]:
        """The folded ids of groups that an edit of the snapshot adds or renames."""
        known = self.kept.names
        return {id_ for id_, name in proposed.names.items() if known.get(id_) != name}

    def _moved(self, now: model.Observed, then: model.Observed) -> set[tuple[str, model.Path]]:
        """All that differs between two readings, declared or not."""
        cloud = self.desired.tenant.cloud
        return {(one.id.casefold(), one.path) for one in undeclared((), (), now, then, cloud)}

    def ids(self) -> frozenset[str]:
        """The folded ids of the groups whose names it needs and the snapshot lacks."""
        trees: list[Json] = []
        resources, observed = self.desired.resources, self.watched.observed
        for item, _ in methods_in_no_file(resources, self.holds, observed):
            trees.append(item.first)
        if self.kept.observed:
            cloud = self.desired.tenant.cloud
            for one in undeclared(resources, self.holds, observed, self.kept.observed, cloud):
                trees += [one.before, one.after, one.live.get("includeTargets")]
        ids = {id_.casefold() for id_ in target_ids(*trees)} - self.kept.names.keys()
        return frozenset(ids | (self._renamed(self.kept.proposed) if self.kept.proposed else set()))


def unusable(desired: model.Desired, kept: KeptSnapshot) -> Finding:
    """The finding about a snapshot that nothing can be compared with."""
    return Finding(
        "snapshot-unusable",
        "error" if desired.unmanaged == "refuse" else "warning",
        f"{kept.where} can't serve as the snapshot of {desired.tenant.name}: {kept.problem}; what "
        "no file declares is not compared",
        f"remove it, write it again with {kept.write}, and commit it",
        source=Place(kept.file),
    )


def counts(one: Undeclared, watch: model.Watch, changed_by: tuple[model.Author, ...]) -> bool:
    """Whether a difference makes a drift: any under `refuse`, else a method that is on now.

    What Microsoft switches on as it has announced is shown and makes no drift.
    """
    return watch == "refuse" or (one.turned_on and not is_microsofts(changed_by))


def _whole(item: Mapping[str, Json], names: Mapping[str, str]) -> str:
    """A whole resource in words: whether it is on, and which people it is on for."""
    if "state" not in item:
        return "in the tenant"
    if not is_on(item):
        return "off"
    audience = audience_of(item, {}, STATE, names)
    include = ", ".join(audience.include) if audience else ""
    exclude = ", ".join(audience.exclude) if audience else ""
    who = "everyone" if include == "everyone (all_users)" else include or "nobody"
    return f"on for {who}" + (f", but not for {exclude}" if exclude else "")


def _raw(value: Json) -> str:
    """A value that this release does not know."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
