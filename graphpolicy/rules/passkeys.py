"""Rules about passkey profiles (Entra how-to-authentication-passkey-profiles)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphpolicy.catalogue.values import split_flags
from graphpolicy.model import Finding, Json, ProfileName
from graphpolicy.rules.references import ALL, reference
from graphpolicy.rules.subject import Subject, word

LEGACY_PASSKEY = ("isAttestationEnforced", "keyRestrictions")
PROFILES = "passkeyProfiles"
TARGETS = "includeTargets"


def about_passkeys(subject: Subject) -> Iterator[Finding]:
    """What contradicts itself in the declared profiles and in who may use which."""
    yield from _attested_synced(subject)
    yield from _one_id_twice(subject)
    yield from _bypassed(subject)


def about_declared_passkeys(subject: Subject) -> Iterator[Finding]:
    """The settings of old and the profiles that replace them are not declared together."""
    if subject.tree.get(PROFILES):
        for name in LEGACY_PASSKEY:
            if subject.tree.get(name):
                yield subject.finding(
                    "passkey-legacy-and-profiles",
                    f"Fido2 declares both {name} and passkeyProfiles, which replace it",
                    f"move {name} into the profiles (attestationEnforcement, keyRestrictions)",
                    name,
                )


def too_many_profiles(subject: Subject, limit: int, as_of: str) -> Iterator[Finding]:
    """More profiles than Microsoft allows, a number that has moved before."""
    profiles = subject.values.get(PROFILES) or ()
    if len(profiles) > limit and subject.tree.get(PROFILES):
        yield subject.finding(
            "passkey-profile-count",
            f"Fido2 would have {len(profiles)} passkey profiles; Microsoft allows {limit}, "
            f"as of {as_of}",
            "let groups share profiles",
            PROFILES,
        )


def _attested_synced(subject: Subject) -> Iterator[Finding]:
    """Synced passkeys come without attestation."""
    declared = {key for profile in subject.tree.get(PROFILES) or () for key in _keys(profile)}
    for profile in subject.values.get(PROFILES) or ():
        attested = profile.get("attestationEnforcement") == "registrationOnly"
        synced = "synced" in split_flags(profile.get("passkeyTypes"))
        if attested and synced and declared & _keys(profile):
            yield subject.finding(
                "passkey-synced-attestation",
                f"the passkey profile {profile['name']!r} would enforce attestation, which synced "
                "passkeys don't have",
                "set attestationEnforcement to disabled, or take synced out of passkeyTypes",
                PROFILES,
            )


def _one_id_twice(subject: Subject) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for profile in subject.tree.get(PROFILES) or ():
        id_ = str(profile.get("id") or "").casefold()
        first = seen.setdefault(id_, profile["name"])
        if id_ and first != profile["name"]:
            yield subject.finding(
                "duplicate-entry",
                f"the passkey profiles {first!r} and {profile['name']!r} have one id: {id_}",
                "keep one of the two, under the name that it is to have",
                PROFILES,
            )


@dataclass(frozen=True, slots=True)
class _Accepts:
    """Which keys a profile accepts. `models` are those listed; None: all but the `blocked`."""

    types: frozenset[str]
    unattested: bool
    models: frozenset[str] | None
    blocked: frozenset[str]

    def all_of(self, other: _Accepts) -> bool:
        """Whether every key that the other accepts is accepted here."""
        return (
            self.types >= other.types
            and self.unattested >= other.unattested
            and self._models_of(other)
        )

    def _models_of(self, other: _Accepts) -> bool:
        if self.models is not None:
            return other.models is not None and self.models >= other.models
        if other.models is not None:
            return not self.blocked & other.models
        return self.blocked <= other.blocked


def _accepts(profile: Mapping[str, Json]) -> _Accepts | None:
    """None where the file leaves a member to what is live: then nothing can be said."""
    restrictions = profile.get("keyRestrictions")
    names = ("passkeyTypes", "attestationEnforcement")
    if any(profile.get(name) is None for name in names) or not isinstance(restrictions, Mapping):
        return None
    models: frozenset[str] | None = None
    blocked: frozenset[str] = frozenset()
    if restrictions.get("isEnforced") is None:
        return None
    if restrictions["isEnforced"]:
        if any(restrictions.get(name) is None for name in ("enforcementType", "aaGuids")):
            return None
        listed = frozenset(str(model).casefold() for model in restrictions["aaGuids"])
        if word(restrictions["enforcementType"]) == "allow":
            models = listed
        else:
            blocked = listed
    return _Accepts(
        frozenset(split_flags(profile["passkeyTypes"])),
        word(profile["attestationEnforcement"]) == "disabled",
        models,
        blocked,
    )


def _bypassed(subject: Subject) -> Iterator[Finding]:
    """Whoever is in several profiles may use a key that any one of them allows."""
    if TARGETS not in subject.tree and PROFILES not in subject.tree:
        return
    by_key = {
        key: profile for profile in subject.values.get(PROFILES) or () for key in _keys(profile)
    }
    entries = [
        (reference(target), _allowed(target, by_key))
        for target in subject.values.get(TARGETS) or ()
    ]
    everywhere = [profile for who, allowed in entries if who == ALL for profile in allowed]
    told: set[tuple[str, str]] = set()
    for who, allowed in entries:
        for strict in allowed:
            for loose in (*allowed, *everywhere):
                pair = (strict["name"], loose["name"])
                if pair not in told and _is_looser(loose, strict):
                    told.add(pair)
                    everyone = "everyone" if loose in everywhere else str(who)
                    yield subject.finding(
                        "passkey-profile-bypassed",
                        f"the passkey profile {strict['name']!r} restricts nobody: {everyone} may "
                        f"also use {loose['name']!r}, which accepts every key that it accepts "
                        "and more",
                        f"give {loose['name']!r} to groups that don't have {strict['name']!r}",
                        TARGETS,
                    )


def _allowed(
    target: Mapping[str, Json], by_key: Mapping[str, Mapping[str, Json]]
) -> Sequence[Mapping[str, Json]]:
    named = target.get("allowedPasskeyProfiles") or ()
    keys = [item.name if isinstance(item, ProfileName) else str(item) for item in named]
    found = [by_key.get(key, by_key.get(key.casefold())) for key in keys]
    return [profile for profile in found if profile is not None]


def _is_looser(loose: Mapping[str, Json], strict: Mapping[str, Json]) -> bool:
    more, less = _accepts(loose), _accepts(strict)
    return bool(more and less and more != less and more.all_of(less) and not less.all_of(more))


def _keys(profile: Mapping[str, Json]) -> set[str]:
    """What a profile may be referred to by: its name, and its id without regard to case."""
    id_ = profile.get("id")
    return {str(profile.get("name")), *([str(id_).casefold()] if id_ else [])}
