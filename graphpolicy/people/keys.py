"""Which passkeys a tenant accepts, and who may use them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet

from graphpolicy.model import Json
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import word
from graphpolicy.rules.passkeys import LEGACY_PASSKEY, PROFILES, TARGETS, AcceptedKeys, accepts
from graphpolicy.rules.references import ALL, Reference, reference

FIDO2 = "Fido2"
ANY = "deviceBound,synced"


@dataclass(frozen=True, slots=True)
class PasskeyRestrictions:
    """One set of restrictions: its name in messages, its path, and the keys it accepts."""

    name: str
    path: str
    accepts: AcceptedKeys
    entry: Json = None
    """The profile itself."""


def key_rules(values: Mapping[str, Json]) -> dict[str, PasskeyRestrictions]:
    """The restrictions by the folded id of their profile; legacy ones without profile under ''."""
    profiles = values.get(PROFILES) or ()
    if not profiles:
        attested, restrictions = (values.get(name) for name in LEGACY_PASSKEY)
        found = accepts(
            {
                "passkeyTypes": ANY,
                "attestationEnforcement": "registrationOnly" if attested else "disabled",
                "keyRestrictions": restrictions or {"isEnforced": False},
            }
        )
        return {"": PasskeyRestrictions(FIDO2, LEGACY_PASSKEY[1], found)} if found else {}
    named = [(each, accepts(each)) for each in profiles]
    return {
        str(each.get("id")).casefold(): PasskeyRestrictions(
            profile_title(each), PROFILES, found, each
        )
        for each, found in named
        if found
    }


def given_profiles(values: Mapping[str, Json]) -> set[tuple[Reference, str]]:
    """Who may use which profile."""
    return {
        (reference(target), str(id_).casefold())
        for target in values.get(TARGETS) or ()
        for id_ in target.get("allowedPasskeyProfiles") or ()
    }


def profile_title(profile: Mapping[str, Json]) -> str:
    return f"profile {profile.get('name')!r}"


def takes_key(
    values: Mapping[str, Json],
    own: AbstractSet[str] | None,
    model: str = "",
    type_: str = "",
    unsure: AbstractSet[str] = frozenset(),
) -> bool | None:
    """Whether a restriction accepts a registered key; None if that depends on what is not known.

    `model` is its folded AAGUID and `type_` its folded passkey type, '' if not known. `own` are the
    folded ids of a person and of all groups that they are in, `unsure` those of groups that they
    may be in. If targets say which profiles may be used, only theirs count; all of them if `own` is
    None, which is not known.
    """
    given, rules = given_profiles(values), key_rules(values)
    theirs = {key for who, key in given if own is None or who == ALL or who.value in own}
    perhaps = {key for who, key in given if who.value in unsure} - theirs
    found = {_fits(rule, model, type_) for key, rule in rules.items() if not given or key in theirs}
    found |= {
        None for key in perhaps & rules.keys() if _fits(rules[key], model, type_) is not False
    }
    if True in found or not rules:
        return True
    return None if None in found else False


def _fits(rule: PasskeyRestrictions, model: str, type_: str) -> bool | None:
    accepted = rule.accepts
    if type_ and type_ not in map(word, accepted.types):
        return False
    if model or accepted.models == frozenset():
        return accepted.model(model)
    return True if accepted.models is None and not accepted.blocked else None


def blocks(values: Mapping[str, Json], model: str, own: AbstractSet[str] | None) -> bool:
    """Whether no restriction accepts a registered key of a model; see `takes_key`."""
    return takes_key(values, own, model) is False
