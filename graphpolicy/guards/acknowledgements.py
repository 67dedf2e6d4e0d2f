"""Findings that a person has accepted: in the policy until a date, or for one run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy.model import Acknowledgement, Finding
from graphpolicy.rules.table import RULES

NOT_COUNTED = "people-not-counted"
"""The rule of a plan that may need an acceptance of people, who were not counted."""


UNUSED = "acknowledgement-unused"
"""The rule about an acknowledgement that accepts nothing."""


def accepted(
    findings: Iterable[Finding],
    acknowledgements: Collection[Acknowledgement],
    allowed: Collection[str],
    titles: Mapping[str, str],
    today: str,
    *,
    hidden: Collection[str] = (),
) -> list[Finding]:
    """The findings, marked if accepted, and findings about acknowledgements without effect.

    `allowed` are the rules that --allow accepts for this run, `titles` the file's name of each
    resource by id, `today` the date in UTC, YYYY-MM-DD. `hidden` are rules that were not judged, or
    not of everybody, so that it is not known whether an acknowledgement of one is used.
    """
    findings = tuple(findings)
    used: set[int] = set()
    told: set[str] = set()
    result: list[Finding] = []
    for finding in findings:
        if not RULES[finding.rule].acceptable or finding.level == "note":
            result.append(finding)
            continue
        told.add(finding.rule)
        fits = [entry for entry in acknowledgements if _covers(entry, finding, titles)]
        used |= {id(entry) for entry in fits}
        valid = [entry for entry in fits if today <= entry.scope.expires]
        counted = [entry for entry in valid if _within(entry, finding)]
        exceeded = next((entry for entry in valid if entry not in counted), None)
        by = counted[0].scope if counted else None
        if by:
            reason = f"{by.owner} until {by.expires}: {by.reason}"
            finding = replace(finding, acknowledged=reason)  # noqa: PLW2901 - the same, marked
        elif finding.rule in allowed:
            finding = replace(finding, acknowledged="--allow, for this run")  # noqa: PLW2901
        result.append(finding)
        if exceeded and not by:
            result.append(_exceeded(exceeded, finding))
    if any(finding.rule == NOT_COUNTED for finding in findings):
        used |= {id(entry) for entry in acknowledgements if RULES[entry.rule].counted}
    used |= {id(entry) for entry in acknowledgements if entry.rule in hidden}
    result += _spent(acknowledgements, used, today)
    for rule in sorted(set(allowed) - told):
        message = f"--allow {rule} has no effect: that rule found nothing in this plan"
        result.append(Finding("allowed-not-fired", "note", message, "omit it next time"))
    return result


def accepted_offline(
    findings: Iterable[Finding], acknowledgements: tuple[Acknowledgement, ...], today: str
) -> Iterator[Finding]:
    """The findings, marked if accepted, and the acknowledgements that have expired.

    Only a plan can tell which acknowledgements match nothing.
    """
    for found in accepted(findings, acknowledgements, (), {}, today):
        if found.rule != UNUSED:
            yield found


def _covers(entry: Acknowledgement, finding: Finding, titles: Mapping[str, str]) -> bool:
    """Whether an acknowledgement is about a finding."""
    path = tuple(finding.path.split(".")) if finding.path else ()
    names = {finding.resource, titles.get(finding.resource, finding.resource)}
    same = (entry.rule, entry.people) == (finding.rule, finding.circle)
    return same and any(entry.scope.covers(name, path) for name in names)


def _within(entry: Acknowledgement, finding: Finding) -> bool:
    """Whether a finding affects no more people than `atMost` allows."""
    if entry.at_most is None:
        return True
    return finding.people is not None and finding.people <= entry.at_most


def _exceeded(entry: Acknowledgement, finding: Finding) -> Finding:
    count = "can't be counted here" if finding.people is None else f"are now {finding.people:,}"
    one, many = ("administrator", "administrators") if entry.people else ("person", "people")
    most = f"{entry.at_most:,} {one if entry.at_most == 1 else many}"
    instead = "before you raise" if RULES[entry.rule].counted else "or remove"
    return Finding(
        "acknowledgement-exceeded",
        "warning",
        f"{entry.rule} was accepted for at most {most}, but they {count}",
        f"ask {entry.scope.owner} ({entry.scope.reason}), {instead} atMost",
        finding.resource,
        finding.path,
        entry.scope.place,
    )


def _spent(
    acknowledgements: Iterable[Acknowledgement], used: set[int], today: str
) -> Iterator[Finding]:
    """Acknowledgements without effect: they have expired, or no finding matches them."""
    for entry in acknowledgements:
        scope = entry.scope
        expired = scope.expires < today
        if expired or id(entry) not in used:
            yield Finding(
                "acknowledgement-expired" if expired else UNUSED,
                "warning",
                f"the acknowledgement of {entry.rule} "
                + (f"expired on {scope.expires}" if expired else "accepts nothing in this plan"),
                f"remove it, or ask {scope.owner} ({scope.reason})",
                scope.resource,
                ".".join(scope.path),
                scope.place,
            )
