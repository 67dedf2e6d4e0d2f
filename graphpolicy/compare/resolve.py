"""Names to ids, looked up in the directory and among the tenant's passkey profiles. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import repeat

from graphpolicy import model
from graphpolicy.catalogue import RESOURCES
from graphpolicy.compare.documents import items_of
from graphpolicy.compare.repeated_targets import once
from graphpolicy.model import EVERYONE, NOBODY, Finding, Json, Place, Written
from graphpolicy.model.records import dataclass, recast
from graphpolicy.model.tree import mapped, objects, walk

PROFILE_NAMESPACE = uuid.UUID("6f0d5c8e-6d2b-5d0a-9a57-1f0c2c2f4b11")
"""The namespace of ids that this tool gives to new passkey profiles."""

DEFAULT_PROFILE = "Default passkey profile"
DEFAULT_PROFILE_ID = "00000000-0000-0000-0000-000000000001"
"""The profile that Microsoft creates when a tenant opts in (Graph: update of the configuration)."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """A policy with ids instead of names. `groups` are the ids by name.

    With any of `errors`, such as a name that not exactly one group has, nothing is planned.
    """

    desired: model.ResolvedPolicy
    groups: Mapping[str, str]
    errors: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    named: tuple[model.Named, ...] = ()
    """Every group that the files give by name, with its place."""


def group_names(resources: Iterable[model.DeclaredSource]) -> frozenset[str]:
    """The display names that must be looked up: those without an id beside them."""
    return frozenset(value.name for value in _named(resources) if value.id is None)


def _named(resources: Iterable[model.DeclaredSource]) -> Iterator[model.Named]:
    for resource in resources:
        for _, value in walk(resource.tree):
            if isinstance(value, model.Named):
                yield value


def target_ids(*trees: Written) -> frozenset[str]:
    """The object ids in any number of trees, declared or live."""
    found: set[str] = set()
    for item in (item for tree in trees for item in objects(tree)):
        id_ = item.get("id")
        if isinstance(id_, model.Named):
            id_ = id_.id
        if "targetType" in item and isinstance(id_, str) and id_ not in (EVERYONE, NOBODY):
            found.add(id_)
    return frozenset(found)


def resolve(
    desired: model.Desired, directory: model.Directory, observed: model.Observed
) -> Resolution:
    """Replace the names of groups and passkey profiles with ids."""
    ids = Ids(desired, directory, observed)
    policy = recast(
        model.ResolvedPolicy,
        desired,
        resources=tuple(once(ids.resource(each), desired.rolled) for each in desired.resources),
        holds=tuple(
            model.ResolvedHold(hold.scope, hold.live and ids.resource(hold.live))
            for hold in desired.holds
        ),
        expectations=tuple(replace(each, who=ids.id_of(each.who)) for each in desired.expectations),
        rollouts=tuple(ids.rollout(each, desired.rolled) for each in desired.rollouts),
    )
    named = (*_named(desired.mentioned), *desired.aliases)
    return Resolution(policy, ids.groups, tuple(ids.errors), tuple(ids.renamed.values()), named)


class Ids:
    """The ids of the groups and passkey profiles that one policy names; collects what is wrong.

    `groups` are those found by name.
    """

    def __init__(
        self, desired: model.Desired, directory: model.Directory, observed: model.Observed
    ) -> None:
        self.directory = directory
        self.profiles = _profiles(desired, observed)
        self.groups: dict[str, str] = {}
        self.renamed: dict[model.Named, Finding] = {}
        self.unresolved: set[str] = set()
        self.errors = [
            *_ambiguous_names(desired, observed),
            *_ambiguous_profiles(desired, self.profiles),
        ]

    def resource(self, declared: model.Declared) -> model.Resolved:
        """A resource with ids in place of names."""
        profiles = declared.tree.get("passkeyProfiles")
        chosen = self.profiles.chosen if profiles else declared.chosen
        return recast(model.Resolved, declared, tree=self.tree(declared.tree), chosen=chosen)

    def rollout(self, rollout: model.Rollout, rolled: Iterable[model.Rolled]) -> model.Rollout:
        """A rollout with ids in its open waves, if some setting has it: the others are not read."""
        count = rollout.opened if rollout.name in {each.rollout for each in rolled} else 0
        waves = [replace(each, target=self.id_of(each.target)) for each in rollout.waves[:count]]
        return replace(rollout, waves=(*waves, *rollout.waves[count:]))

    def tree(self, tree: Mapping[str, Written]) -> Mapping[str, Written]:
        """What a file declares of a resource, with ids in place of names."""
        if profiles := tree.get("passkeyProfiles"):
            known = self.profiles.ids
            with_ids = [{**profile, "id": known[profile["name"]]} for profile in profiles]
            tree = {**tree, "passkeyProfiles": with_ids}
        return mapped(tree, self.id_of)  # type: ignore[no-any-return]

    def id_of(self, value: Written) -> Json:
        """The id of a group or profile that is given by name; any other value as it is."""
        if isinstance(value, model.Named):
            return self._group(value)
        return self._profile(value) if isinstance(value, model.ProfileName) else value

    def _group(self, value: model.Named) -> str:
        if value.id is not None:
            live_name = self.directory.names.get(value.id.casefold())
            if live_name is not None and live_name != value.name:
                self.renamed.setdefault(value, renamed(value, live_name))
            return value.id
        hits = self.directory.by_name.get(value.name, ())
        exact = [id_ for id_, name in hits if name == value.name]
        if len(exact) == 1:
            self.groups[value.name] = exact[0]
            return exact[0]
        if value.name not in self.unresolved:  # one error for a name, however often it is used
            self.unresolved.add(value.name)
            self.errors.append(unresolved(value, hits, self.directory.near.get(value.name)))
        return value.name

    def _profile(self, value: model.ProfileName) -> str:
        profiles = self.profiles
        id_ = profiles.id_of(value.name)
        if value.name in profiles.ambiguous:
            self.errors.append(_ambiguous_profile(value.name, profiles.ambiguous, value.place))
        elif id_ is None:
            self.errors.append(_unknown_profile(value, sorted(profiles.ids)))
        return id_ or value.name


@dataclass(frozen=True, slots=True)
class _Profiles:
    """Ids of passkey profiles by name, of the tenant and of the file.

    `chosen` are the ids that we give to new profiles without one, `known` all ids by folded id,
    `ambiguous` the ids of each name that several profiles of the tenant have.
    """

    ids: Mapping[str, str]
    chosen: frozenset[str]
    known: Mapping[str, str]
    ambiguous: Mapping[str, tuple[str, ...]]

    def id_of(self, name: str) -> str | None:
        """The id of a profile that is named by name or by id; None if there is none."""
        if name in self.ids:
            return self.ids[name]
        return self.known.get(name.casefold())


def _profiles(desired: model.Desired, observed: model.Observed) -> _Profiles:
    """An id for each profile: the one in the file, else the live one, else a derived one."""
    ids: dict[str, str] = {}
    several: dict[str, tuple[str, ...]] = {}
    known: dict[str, str] = {}
    chosen: set[str] = set()
    for profile in (p for _, item in observed.methods for p in item.get("passkeyProfiles") or ()):
        id_ = known.setdefault(profile["id"].casefold(), profile["id"])
        if ids.setdefault(profile["name"], id_) != id_:
            seen = several.get(profile["name"], (ids[profile["name"]],))
            several[profile["name"]] = tuple(dict.fromkeys((*seen, id_)))
    opted_in = bool(known)
    for resource in desired.mentioned:
        for profile in resource.tree.get("passkeyProfiles") or ():
            name = profile["name"]
            if "id" in profile:
                ids[name] = profile["id"]
                several.pop(name, None)
            elif name == DEFAULT_PROFILE and not opted_in:
                ids[name] = DEFAULT_PROFILE_ID
            elif name not in ids:
                ids[name] = str(uuid.uuid5(PROFILE_NAMESPACE, f"{desired.tenant.id}/{name}"))
                chosen.add(ids[name])
            known.setdefault(ids[name].casefold(), ids[name])
    return _Profiles(ids, frozenset(chosen), known, several)


def _ambiguous_profiles(desired: model.Desired, profiles: _Profiles) -> Iterator[Finding]:
    """Profiles that the file declares by a name that several live profiles have."""
    for resource in desired.resources:
        at = ("passkeyProfiles",)
        places = resource.entries.get(at) or repeat(resource.place(at))
        for profile, place in zip(resource.tree.get(at[0]) or (), places, strict=False):
            if profile["name"] in profiles.ambiguous:
                yield _ambiguous_profile(profile["name"], profiles.ambiguous, place)


def _ambiguous_profile(
    name: str, ambiguous: Mapping[str, tuple[str, ...]], place: Place | None
) -> Finding:
    message = (
        f"the tenant has several passkey profiles called {name!r}: {', '.join(ambiguous[name])}"
    )
    fix = "write the id of the right one instead of its name"
    return Finding("passkey-profile-ambiguous", "error", message, fix, "Fido2", source=place)


def _ambiguous_names(desired: model.Desired, observed: model.Observed) -> Iterator[Finding]:
    """Names of which the tenant has several, and names that it spells in another case."""
    seen: dict[str, str] = {}
    for resource in desired.resources:
        kind = RESOURCES[resource.resource]
        if not kind.several:
            continue
        ids = {
            (id_ := str(item.get("id"))).casefold(): id_ for _, item in items_of(resource, observed)
        }
        what, message = kind.label.lower(), ""
        fix = "write the id of the right one instead of its name"
        if len(ids) > 1:
            message = f"{what} {resource.name!r} matches {', '.join(ids.values())}"
            if kind.by_name:
                fix = "rename or delete the others in the portal"
        elif ids and seen.setdefault(next(iter(ids)), resource.title) != resource.title:
            both = f"{seen[next(iter(ids))]!r} and {resource.name!r}"
            message = f"{what}s {both} are the same: {next(iter(ids.values()))}"
        elif kind.by_name and not ids and (other := _spelled(resource, observed)):
            message = f"no {what} is named exactly {resource.name!r}; the tenant has {other!r}"
            fix = f"write {other!r}, as the tenant spells it"
        if message:
            place = resource.place(tuple(resource.tree)[:1])
            yield Finding(kind.ambiguous, "error", message, fix, source=place)


def _spelled(resource: model.Declared, observed: model.Observed) -> str:
    """The name of a live resource of the same kind that differs in case alone; '' if none does."""
    names = (
        str(item.get("displayName"))
        for _, item in observed.items(RESOURCES[resource.resource].root)
    )
    return next((name for name in names if name.casefold() == str(resource.name).casefold()), "")


def unresolved(value: model.Named, hits: tuple[tuple[str, str], ...], meant: str | None) -> Finding:
    if not hits:
        message = f"group {value.name!r} is not in the directory"
        fix = "check the spelling, create the group first, or write {id: OBJECT ID}"
        fix = f"for {value.name!r} did you mean {meant!r}? If not, {fix}" if meant else fix
    else:
        listed = "; ".join(f"{name!r} with id {id_}" for id_, name in hits)
        exact = sum(name == value.name for _, name in hits)
        message = f"no group is named exactly {value.name!r}; the directory has {listed}"
        if exact:
            message = f"{exact} groups are named {value.name!r}: {listed}"
        fix = f"write {{group: {value.name}, id: ID}} with one of these ids"
        if len(hits) == 1:
            fix = f"write {{group: {hits[0][1]}}}, as the directory spells it"
    return Finding("group-not-resolved", "error", message, fix, source=value.place)


def renamed(value: model.Named, live_name: str) -> Finding:
    message = (
        f"group {value.name!r} is named {live_name!r} in the directory; the id {value.id} decides"
    )
    fix = "write the new name if this is still the right group"
    return Finding("group-renamed", "warning", message, fix, source=value.place)


def _unknown_profile(value: model.ProfileName, names: Iterable[str]) -> Finding:
    known = ", ".join(repr(name) for name in names) or "none"
    message = (
        f"passkey profile {value.name!r} is neither in the tenant nor in the file; known: {known}"
    )
    fix = "declare it under passkeyProfiles, or correct the name"
    return Finding("unknown-passkey-profile", "error", message, fix, "Fido2", source=value.place)
