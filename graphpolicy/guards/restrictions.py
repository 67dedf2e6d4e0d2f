"""Guards on which security keys and certificates are accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.guards.certificates import more_accepted
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.model import Finding, Json
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member, word
from graphpolicy.people.keys import (
    FIDO2,
    PasskeyRestrictions,
    given_profiles,
    key_rules,
    profile_title,
)
from graphpolicy.people.reach import reach
from graphpolicy.rules.passkeys import (
    LEGACY_PASSKEY,
    PROFILES,
    TARGETS,
    UNATTESTED,
)
from graphpolicy.rules.subject import Subject


@dataclass(frozen=True, slots=True)
class Strict:
    """A setting with a strict and a loose value."""

    resource: str
    path: tuple[str, ...]
    strict: str
    loose: str


SETTINGS = (
    Strict("X509Certificate", ("crlValidationConfiguration", "state"), "enabled", "disabled"),
    Strict("X509Certificate", ("requireCertificateSidAlignment",), "true", "false"),
    Strict(
        "X509Certificate",
        ("authenticationModeConfiguration", "x509CertificateDefaultRequiredAffinityLevel"),
        "high",
        "low",
    ),
)
EXEMPT = ("crlValidationConfiguration", "exemptedCertificateAuthoritiesSubjectKeyIdentifiers")


def restriction_loosened(view: PlanView) -> Iterator[Finding]:
    """Keys or certificates would be accepted that were not."""
    for both in view.of((FIDO2,)):
        if both.in_effect:
            yield from _keys_loosened(view, both)
    for row in SETTINGS:
        for both in view.of((row.resource,)):
            before, after = (word(member(side, *row.path)) for side in (both.before, both.after))
            if both.in_effect and (before, after) == (row.strict, row.loose):
                path = ".".join(row.path)
                yield _loosened(both, f"{both.title}.{path} would be {row.loose}", path)
    for both in view.of(("X509Certificate",)):
        known = {key.casefold() for key in _exempt(both.before)}
        new = [key for key in _exempt(both.after) if key.casefold() not in known]
        if both.in_effect and new:
            what = f"{both.title}: no revocation list would be required for {', '.join(new)}"
            yield _loosened(both, what, ".".join(EXEMPT))
        for what, path in more_accepted(view, both) if both.in_effect else ():
            yield _loosened(both, f"{both.title}: {what}", path)


def empty_allow_list(view: PlanView) -> Iterator[Finding]:
    """An enforced allow list without models blocks every key."""
    for both in view.of((FIDO2,)):
        if not both.reaches.anybody:
            continue
        before, after = key_rules(both.before), key_rules(both.after)
        in_effect = both.reached.anybody
        for key, now in after.items():
            blocked = in_effect and key in before and before[key].accepts.models == frozenset()
            if now.accepts.models == frozenset() and not blocked:
                yield _blocks_all(both, now.name, now.path, now.entry)


def declared_empty_allow_lists(subject: Subject) -> Iterator[Finding]:
    """The same for a file alone, if it declares the method enabled."""
    if word(subject.tree.get("state")) != "enabled" or not reach(subject.tree).anybody:
        return
    profiles = subject.tree.get(PROFILES)
    for each in profiles or (subject.tree,):
        restrictions = each.get(LEGACY_PASSKEY[1])
        if member(restrictions, "isEnforced") is True and (
            word(member(restrictions, "enforcementType")) == "allow"
            and member(restrictions, "aaGuids") == []
        ):
            if profiles:
                yield _blocks_all(subject, profile_title(each), PROFILES, each)
            else:
                yield _blocks_all(subject, FIDO2, LEGACY_PASSKEY[1])


def _blocks_all(of: BeforeAfter | Subject, name: str, path: str, entry: Json = None) -> Finding:
    return of.finding(
        "empty-allow-list",
        f"{name} would allow only the listed models, and the list is empty: "
        "it would block every key, even registered ones",
        "list the models that are in use, or don't enforce the restriction",
        path,
        entry=entry,
    )


def tightened(both: BeforeAfter) -> bool:
    """Whether registered keys that were accepted may no longer be."""
    return any(_narrower(both)) or bool(given_profiles(both.before) - given_profiles(both.after))


def refused_keys(view: PlanView, both: BeforeAfter) -> Iterator[tuple[str, str, Json]]:
    """The registered keys that a plan makes unusable: (words, path, profile)."""
    for was, lost in _narrower(both):
        if lost:
            yield f"{was.name} would no longer accept {' and '.join(lost)}", was.path, was.entry
    profiles, after = key_rules(both.after), given_profiles(both.after)
    stay = {who for who, _ in after}
    for who, key in sorted(given_profiles(both.before) - after, key=str):
        left = [profiles[new].accepts for holder, new in after if holder == who and new in profiles]
        old = key_rules(both.before).get(key)
        if old and who in stay and not any(each.all_of(old.accepts) for each in left):
            text = f"{view.label([who])} could no longer use keys of {old.name}"
            yield text, TARGETS, who.target


def _narrower(both: BeforeAfter) -> Iterator[tuple[PasskeyRestrictions, list[str]]]:
    """Restrictions that accept fewer registered keys than before, and which are lost, in words.

    The words are empty if it is not known what would be accepted.
    """
    after = key_rules(both.after)
    for key, was in key_rules(both.before).items():
        heirs = [after[key]] if key in after else after.values()
        known = was.accepts.registered()
        lost = [list(known.beyond(heir.accepts.registered())) for heir in heirs]
        if all(lost):
            yield was, min(lost, key=len, default=[])


def _loosened(both: BeforeAfter, what: str, path: str, entry: Json = None) -> Finding:
    return both.finding(
        "restriction-loosened",
        what,
        "make sure that this is intended; a looser rule for fewer people may be enough",
        path,
        entry=entry,
    )


def _keys_loosened(view: PlanView, both: BeforeAfter) -> Iterator[Finding]:
    before, after = key_rules(both.before), key_rules(both.after)
    for key, now in after.items():
        was = before.get(key) or before.get("")
        new = list(now.accepts.beyond(was.accepts)) if was else []
        if new:
            attestation = not key and new == [UNATTESTED]
            path = LEGACY_PASSKEY[0] if attestation else now.path
            yield _loosened(both, f"{now.name} would accept {' and '.join(new)}", path, now.entry)
    held = given_profiles(both.before)
    for who, key in sorted(given_profiles(both.after) - held, key=str):
        had = [before[old].accepts for holder, old in held if holder == who and old in before]
        if had and key in after and not any(old.all_of(after[key].accepts) for old in had):
            new = [what for old in had for what in after[key].accepts.beyond(old)]
            more = " and ".join(dict.fromkeys(new))
            what = f"{view.label([who])} could also use keys of {after[key].name}: {more}"
            yield _loosened(both, what, TARGETS, who.target)


def _exempt(values: Mapping[str, Json]) -> list[str]:
    return [str(key) for key in member(values, *EXEMPT) or ()]
