"""Rules about what Microsoft changes: limits, retirements, and the meaning of `default`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import FactTimeline, Limit
from graphpolicy.catalogue.values import leaves
from graphpolicy.compare.labels import UNDATED
from graphpolicy.model import Finding, Json
from graphpolicy.model.tree import member, word
from graphpolicy.rules.passkeys import LEGACY_PASSKEY, PROFILES
from graphpolicy.rules.references import LISTS
from graphpolicy.rules.subject import Subject

MANAGED = "microsoft-managed"
ONE_GROUP = "use one group that has the others as members"
COUNTED = (
    (
        "passkey-profile-count",
        "passkey-profiles",
        ("passkeyProfiles",),
        "let groups share profiles",
    ),
    *(
        (
            "system-preferred-one-group",
            "system-preferred-groups",
            ("systemCredentialPreferences", targets),
            ONE_GROUP,
        )
        for targets in LISTS
    ),
)
"""Rule id, name of the limit in the facts, path of the list, and the way out."""


def about_facts(subject: Subject) -> Iterator[Finding]:
    """Findings about limits that a file exceeds, and about what Microsoft retires."""
    for rule, limit, path, fix in COUNTED:
        listed = member(subject.values, *path)
        if isinstance(listed, list) and member(subject.tree, *path) is not None:
            known = subject.facts.limit(limit, subject.cloud)
            yield from _too_many(subject, known, len(listed), rule, path=".".join(path), fix=fix)
    yield from _retiring(subject)


def left_to_microsoft(subject: Subject) -> Iterator[Finding]:
    """Settings that are declared as `default`. The rule is off unless `guards` raises it."""
    for path, _, value in leaves(RESOURCES[subject.kind].properties, subject.tree):
        if value == "default":
            at = ".".join(path)
            known = subject.facts.managed_value(subject.kind, at, subject.cloud).now
            means = f": {known.means}, as of {known.as_of}" if known else ""
            yield subject.finding(
                MANAGED,
                f"{subject.title}.{at} is left to Microsoft{means}",
                "declare the value that you want",
                at,
                "note",
            )


def _too_many(
    subject: Subject, limit: FactTimeline[Limit], count: int, rule: str, *, path: str, fix: str
) -> Iterator[Finding]:
    """A list that is longer than the limit; a note if a higher limit is announced."""
    now = limit.now
    if now is None or count <= now.value:
        return
    coming = [row for row in limit.coming if row.value >= count]
    rolling = "".join(
        f"; {row.value} are {UNDATED[row.status]}, as of {row.as_of}" for row in coming
    )
    yield subject.finding(
        rule,
        f"{subject.title}.{path} would have {count} entries; Microsoft allows {now.value}, "
        f"as of {now.as_of}{rolling}",
        fix,
        path,
        "note" if coming else None,
    )


def _retiring(subject: Subject) -> Iterator[Finding]:
    """What is on or declared and will be retired; a note if no file declares it."""
    for row in subject.facts.retirements:
        if row.resource != subject.kind:
            continue
        if row not in subject.facts.retirement(row.resource, row.setting, subject.cloud).coming:
            continue
        path = row.setting or "state"
        said = member(subject.tree, *path.split("."))
        relied = _is_on(member(subject.values, *path.split(".")) if said is None else said)
        if path in LEGACY_PASSKEY and subject.values.get(PROFILES) and said is None:
            relied = False  # the profiles count instead
        if relied or (said is not None and row.setting):
            what = f"{subject.title}.{row.setting}" if row.setting else subject.title
            yield subject.finding(
                "retiring-setting",
                f"{what} ends{_when(row.since)}: {_first_sentence(row.about)} "
                f"({UNDATED[row.status]}, as of {row.as_of})",
                f"use instead: {row.instead}",
                path,
                "note" if said is None else None,
            )


def _is_on(value: Json) -> bool:
    """Whether somebody switched it on. A bare true may be Microsoft's initial value."""
    restricted = isinstance(value, Mapping) and value.get("isEnforced") is True
    return restricted or (isinstance(value, str) and word(value) == "enabled")


def _first_sentence(text: str) -> str:
    """Without its full stop; one inside a word or number, as in v1.0, does not end a sentence."""
    return text.partition(". ")[0].removesuffix(".")


def _when(since: str) -> str:
    return f" on {since}" if since.count("-") == 2 else f" in {since}" if since else ""
