"""Rules about passkeys: the keys that restrictions accept, and who may use which profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import replace

from graphpolicy.catalogue.values import split_flags
from graphpolicy.model import Finding, Json, ProfileName, Written
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import word
from graphpolicy.rules.references import ALL, listed, reference
from graphpolicy.rules.subject import Subject

UNATTESTED = "keys without attestation"


@dataclass(frozen=True, slots=True)
class AcceptedKeys:
    """Which keys are accepted: only `models`, or if that is None all except `blocked`."""

    types: frozenset[str]
    unattested: bool
    models: frozenset[str] | None
    blocked: frozenset[str]

    def model(self, model: str) -> bool:
        """Whether keys of a model are accepted; only the list of models counts."""
        return model in self.models if self.models is not None else model not in self.blocked

    def all_of(self, other: AcceptedKeys) -> bool:
        """Whether every key that the other accepts is accepted here."""
        return not any(other.beyond(self))

    def beyond(self, other: AcceptedKeys) -> Iterator[str]:
        """What is accepted here that the other does not accept, in words."""
        if new := self.types - other.types:
            yield f"{' and '.join(sorted(new))} keys"
        if self.unattested and not other.unattested:
            yield UNATTESTED
        if models := self._models_beyond(other):
            yield models

    def _models_beyond(self, other: AcceptedKeys) -> str:
        if self.models is not None:
            if other.models is None:
                return _models(self.models & other.blocked)
            return _models(self.models - other.models)
        if other.models is None:
            return _models(other.blocked - self.blocked)
        but = other.models | self.blocked
        return f"every model except {', '.join(sorted(but))}" if but else "every model"

    def registered(self) -> AcceptedKeys:
        """The same for registered keys: attestation is checked only at registration."""
        return replace(self, unattested=True)


def _models(models: AbstractSet[str]) -> str:
    return f"model{'s'[len(models) == 1 :]} {', '.join(sorted(models))}" if models else ""


def accepts(profile: Mapping[str, Json]) -> AcceptedKeys | None:
    """What a passkey profile accepts; None if a member that decides it is missing."""
    restrictions = profile.get("keyRestrictions")
    if not isinstance(restrictions, Mapping) or restrictions.get("isEnforced") is None:
        return None
    if any(profile.get(name) is None for name in ("passkeyTypes", "attestationEnforcement")):
        return None
    models: frozenset[str] | None = None
    blocked: frozenset[str] = frozenset()
    if restrictions["isEnforced"]:
        if any(restrictions.get(name) is None for name in ("enforcementType", "aaGuids")):
            return None
        listed = frozenset(str(model).casefold() for model in restrictions["aaGuids"])
        if word(restrictions["enforcementType"]) == "allow":
            models = listed
        else:
            blocked = listed
    return AcceptedKeys(
        frozenset(split_flags(profile["passkeyTypes"])),
        word(profile["attestationEnforcement"]) == "disabled",
        models,
        blocked,
    )


LEGACY_PASSKEY = ("isAttestationEnforced", "keyRestrictions")
PROFILES = "passkeyProfiles"
TARGETS = "includeTargets"


def about_passkeys(subject: Subject) -> Iterator[Finding]:
    """Findings about declared profiles, and about who may use which."""
    yield from _attested_synced(subject)
    yield from _one_id_twice(subject)
    yield from _bypassed(subject)


def about_declared_passkeys(subject: Subject) -> Iterator[Finding]:
    """The legacy settings and the profiles that replace them can't be declared together."""
    if subject.tree.get(PROFILES):
        for name in LEGACY_PASSKEY:
            if subject.tree.get(name):
                yield subject.finding(
                    "passkey-legacy-and-profiles",
                    f"Fido2 declares both {name} and passkeyProfiles, which replace it",
                    f"move {name} into the profiles (attestationEnforcement, keyRestrictions)",
                    name,
                )


def _attested_synced(subject: Subject) -> Iterator[Finding]:
    """Synced passkeys come without attestation."""
    declared = {key for profile in subject.tree.get(PROFILES) or () for key in _keys(profile)}
    for profile in subject.values.get(PROFILES) or ():
        attested = word(profile.get("attestationEnforcement")) == "registrationonly"
        synced = "synced" in map(word, split_flags(profile.get("passkeyTypes")))
        if attested and synced and declared & _keys(profile):
            yield subject.finding(
                "passkey-synced-attestation",
                f"the passkey profile {profile['name']!r} would enforce attestation, which synced "
                "passkeys don't have",
                "set attestationEnforcement to disabled, or remove synced from passkeyTypes",
                PROFILES,
                entry=profile,
            )


def _one_id_twice(subject: Subject) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for profile in subject.tree.get(PROFILES) or ():
        id_ = str(profile.get("id") or "").casefold()
        first = seen.setdefault(id_, profile["name"])
        if id_ and first != profile["name"]:
            yield subject.finding(
                "duplicate-entry",
                f"the passkey profiles {first!r} and {profile['name']!r} have the same id: {id_}",
                "keep one of the two, with the right name",
                PROFILES,
                entry=profile,
            )


def _bypassed(subject: Subject) -> Iterator[Finding]:
    """A person with several profiles may use every key that any one of them accepts."""
    if TARGETS not in subject.tree and PROFILES not in subject.tree:
        return
    by_key = {
        key: profile for profile in subject.values.get(PROFILES) or () for key in _keys(profile)
    }
    targets = listed(subject.values.get(TARGETS))
    entries = [(target, reference(target), _allowed(target, by_key)) for target in targets]
    everywhere = [profile for _, who, allowed in entries if who == ALL for profile in allowed]
    told: set[tuple[str, str]] = set()
    for target, who, allowed in entries:
        for strict in allowed:
            for loose in (*allowed, *everywhere):
                pair = (strict["name"], loose["name"])
                if pair not in told and _is_looser(loose, strict):
                    told.add(pair)
                    people = (ALL if loose in everywhere else who).label(subject.names)
                    yield subject.finding(
                        "passkey-profile-bypassed",
                        f"the passkey profile {strict['name']!r} restricts nobody: {people} may "
                        f"also use {loose['name']!r}, which accepts all of its keys and more",
                        f"give {loose['name']!r} only to groups without {strict['name']!r}",
                        TARGETS,
                        entry=target,
                    )


def _allowed(
    target: Mapping[str, Written], by_key: Mapping[str, Mapping[str, Json]]
) -> Sequence[Mapping[str, Json]]:
    named = target.get("allowedPasskeyProfiles") or ()
    keys = [item.name if isinstance(item, ProfileName) else str(item) for item in named]
    found = [by_key.get(key, by_key.get(key.casefold())) for key in keys]
    return [profile for profile in found if profile is not None]


def _is_looser(loose: Mapping[str, Json], strict: Mapping[str, Json]) -> bool:
    more, less = accepts(loose), accepts(strict)
    return bool(more and less and more.all_of(less) and not less.all_of(more))


def _keys(profile: Mapping[str, Json]) -> set[str]:
    """How a profile may be referred to: by its name, and by its folded id."""
    id_ = profile.get("id")
    return {str(profile.get("name")), *([str(id_).casefold()] if id_ else [])}
