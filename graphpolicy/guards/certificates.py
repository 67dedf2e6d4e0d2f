"""What certificates count as, and who they are accepted from, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.model import Json
from graphpolicy.model.tree import member, word
from graphpolicy.rules.references import ALL, Reference, references

MODES = "authenticationModeConfiguration"
DEFAULT = "x509CertificateAuthenticationDefaultMode"
SCOPES = "certificateAuthorityScopes"
MULTIFACTOR = "x509certificatemultifactor"
IDENTITY = (
    "x509CertificateRuleType",
    "identifier",
    "issuerSubjectIdentifier",
    "policyOidIdentifier",
)
ANY_OTHER = ""


def more_accepted(view: PlanView, both: BeforeAfter) -> Iterator[tuple[str, str]]:
    """What certificates would newly count as, or be accepted from; each with the path."""
    for what, path in _counting(both.before, both.after):
        yield f"{what} would count as multifactor", path
    for key, targets in _accepted(both.before, both.after):
        who = view.label(targets)
        yield f"certificates of the authority {key} would also be accepted from {who}", SCOPES


def less_accepted(view: PlanView, both: BeforeAfter) -> Iterator[tuple[str, str]]:
    """What certificates would no longer count as, or be accepted from; each with the path."""
    after = both.reaches
    for what, path in _counting(both.after, both.before):
        who = view.label(view.living(after.include - after.exclude))
        yield f"{what} would no longer count as multifactor for {who}", path
    for key, targets in _accepted(both.after, both.before):
        lost = view.living(targets)
        if lost:
            who = view.label(lost)
            yield f"certificates of the authority {key} would end for {who}", SCOPES


def _counting(old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Certificates that count as multifactor only in `new`, and the path that sets it."""
    before, after = _modes(old), _modes(new)
    for key in dict.fromkeys((*before, *after)):
        then, now = (side.get(key, side[ANY_OTHER]) for side in (before, after))
        if now[1] == MULTIFACTOR != then[1]:
            name = (after.get(key) or before[key])[0]
            yield name, f"{MODES}.{'rules' if key else DEFAULT}"


def _modes(values: Mapping[str, Json]) -> dict[str, tuple[str, str]]:
    """By the identity of a rule: its certificates in words, and what they count as."""
    modes = member(values, MODES)
    found = {ANY_OTHER: ("certificates without a rule", word(member(modes, DEFAULT)))}
    for rule in member(modes, "rules") or ():
        key = "\n".join(str(rule.get(name) or "").casefold() for name in IDENTITY)
        name = f"certificates of {rule.get('identifier')}"
        found[key] = (name, word(rule.get("x509CertificateAuthenticationMode")))
    return found


def _accepted(
    old: Mapping[str, Json], new: Mapping[str, Json]
) -> Iterator[tuple[str, frozenset[Reference]]]:
    """Who certificates of an authority are accepted from only in `new`."""
    everyone = frozenset({ALL})
    before, after = _scopes(old), _scopes(new)
    for key in dict.fromkeys((*before, *after)):
        then, now = before.get(key, everyone), after.get(key, everyone)
        more = frozenset() if ALL in then else everyone if ALL in now else now - then
        if more:
            yield key, more


def _scopes(values: Mapping[str, Json]) -> dict[str, frozenset[Reference]]:
    return {
        str(scope.get("subjectKeyIdentifier")).upper(): frozenset(
            references(scope.get("includeTargets"))
        )
        for scope in values.get(SCOPES) or ()
    }
