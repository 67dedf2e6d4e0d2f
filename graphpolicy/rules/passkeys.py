"""Rules about passkey profiles (Entra how-to-authentication-passkey-profiles)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphpolicy.catalogue.values import split_flags
from graphpolicy.model import Finding, Json, ProfileName
from graphpolicy.model.tree import word
from graphpolicy.rules.keys import accepts
from graphpolicy.rules.references import ALL, listed, reference
from graphpolicy.rules.subject import Subject

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
    target: Mapping[str, Json], by_key: Mapping[str, Mapping[str, Json]]
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
