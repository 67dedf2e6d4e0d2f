"""Approval that was given before: a plan file, a digest, or an earlier run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from difflib import SequenceMatcher
from pathlib import Path

from graphpolicy.commands.plan_file import PlanFile, PlanFileError, review, why_none
from graphpolicy.compare.selection import Address, from_terms
from graphpolicy.journal.folder import PLAN, document
from graphpolicy.journal.run import Run
from graphpolicy.model import Bound, Desired, Failure, Finding, Json, Plan
from graphpolicy.model.command import command, quoted
from graphpolicy.model.errors import Exit, UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.plan.digest import digest, from_json, if_allowed, moved
from graphpolicy.plan.rollout_changes import opened_sizes
from graphpolicy.plan.tally import number
from graphpolicy.rules.table import RULES

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ApprovedPlan:
    """The plan that was approved; a plan made now must have the same digest.

    `bound` is None if only the digest is known: then it can't be said what has changed. `written`
    are (resource, path) of settings that the resumed run has already written. `people` has the
    number of people in each wave that the plan opens, by rollout and wave; the digest has no
    numbers of people. `only` has the parts that the plan is limited to.
    """

    digest: str
    bound: Bound | None = None
    written: frozenset[tuple[str, str]] = frozenset()
    people: Mapping[tuple[str, str], int] = field(default_factory=dict)
    only: tuple[Address, ...] = ()


TIMES, MORE = 2, 10
"""A wave that has more than twice as many people as in the approved plan, and more than ten people
more, differs from the one that was approved."""

ALIKE = 0.75
"""Similarity from which two digests are taken for one digest with a typing mistake. Digests of two
different plans have about a third of their digits in common."""


def allowing(rules: Iterable[str]) -> tuple[str, ...]:
    """The --allow flags for these rules. Unknown ones are dropped: a plan file is not trusted."""
    known = sorted({str(rule) for rule in rules} & RULES.keys())
    return tuple(word for rule in known for word in ("--allow", rule))


def accepting(expected: Iterable[ApprovedPlan], allow: Iterable[str]) -> tuple[str, ...]:
    """The --allow flags for the rules accepted now, and for those accepted in approved plans."""
    before = (rule for one in expected if one.bound for rule in one.bound.terms.get("allow", ()))
    return allowing((*allow, *before))


def again_with(again: Sequence[str], rules: Iterable[str], plan: Json) -> str:
    """How to get a plan that is not refused: what to fix or accept, and the command to plan again.

    `again` are the arguments of that command. Rules that were accepted for `plan` stay accepted.
    """
    refusing = set(rules)
    accepted = {rule for rule in refusing if rule in RULES and RULES[rule].way_on}
    allowed = {str(rule) for rule in plan["bound"]["terms"].get("allow", ())}
    mend = refusing - accepted
    words = command(*again, *allowing(allowed if mend else allowed | accepted))
    if mend:
        return f"fix {', '.join(sorted(mend))}, and plan again: {words}"
    return f"fix what refuses it, or accept it and plan again: {words}"


def stale(expected: ApprovedPlan, plan: Plan, again: Sequence[str] = ("plan",)) -> Failure | None:
    """Why a plan is not the one that was approved; None if it is the same.

    Also None for a plan that is refused now: that is reason enough not to apply it. `again` are the
    arguments of the command that plans the same again.
    """
    if plan.refused:
        return None
    if expected.digest == plan.digest:
        return _grown(expected, plan, again)
    text = "the tenant or the files have changed since the plan was reviewed; nothing was written"
    fix = review(again)
    if expected.bound is None:
        _check_typing(expected.digest, plan, again)
        return Failure(plan.tenant, plan.file, "plan-stale", text, fix, Exit.STALE, plan)
    told = list(moved(expected.bound, plan.bound, expected.written))
    if expected.written and not told:
        return None  # only the resumed run's own writes differ
    details = tuple(told)
    return Failure(plan.tenant, plan.file, "plan-stale", text, fix, Exit.STALE, details=details)


def resized(expected: ApprovedPlan, plan: Plan) -> Iterator[Finding]:
    """A note for each wave that had another number of people in the approved plan."""
    for rollout, wave, then, now in _sizes(expected, plan):
        yield Finding(
            "wave-resized",
            "note",
            f"the wave {wave!r} of the rollout {rollout!r} was planned for {then:,} people, and "
            f"has {now:,} now",
            "see who joined or left its group since",
            path=f"rollouts.{rollout}",
        )


def _sizes(expected: ApprovedPlan, plan: Plan) -> Iterator[tuple[str, str, int, int]]:
    for (rollout, wave), now in opened_sizes(plan.rollouts).items():
        then = expected.people.get((rollout, wave))
        if then is not None and then != now:
            yield rollout, wave, then, now


def _grown(expected: ApprovedPlan, plan: Plan, again: Sequence[str]) -> Failure | None:
    details = tuple(
        f"the wave {wave!r} of the rollout {rollout!r} was planned for {then:,} people, and has "
        f"{now:,} now"
        for rollout, wave, then, now in _sizes(expected, plan)
        if now > TIMES * then and now > then + MORE
    )
    if not details:
        return None
    text = "a wave has grown a lot since the plan was reviewed; nothing was written"
    fix = review(again)
    return Failure(plan.tenant, plan.file, "plan-stale", text, fix, Exit.STALE, details=details)


def outdated(expected: ApprovedPlan, plan: Plan) -> bool:
    """Whether a refused plan would differ from the approved one even if --allow accepted it."""
    rules = {found.rule for found in plan.refusing}
    return bool(rules) and digest(if_allowed(plan.bound, rules)) != expected.digest


def _check_typing(given: str, plan: Plan, again: Sequence[str]) -> None:
    """Distinguish a mistyped digest from the digest of another plan."""
    own = plan.digest or ""
    if SequenceMatcher(None, given, own, autojunk=False).ratio() < ALIKE:
        return
    differing = sum(one != other for one, other in zip(given, own, strict=False))
    raise UsageError(
        f"--expect-digest is mistyped: it differs from the digest of the plan for "
        f"{plan.tenant.name} in {number(differing, 'digit')}; nothing was written",
        "nothing has changed since: copy the digest of the reviewed plan again; "
        f"{command(*again, '--format', 'json')} prints it as well",
    )


def approved_by(source: PlanFile) -> dict[str, ApprovedPlan]:
    """The plans that a plan file approves, by tenant id.

    Raises:
        PlanFileError: it is not a plan file, has another format version, was altered, or contains
            no plan that can be applied.
    """
    data = source.document()
    approved = _approved(source, data)
    if not approved:
        text = f"{source.name} contains no plan{why_none(data)}; nothing was written"
        raise PlanFileError(text, f"plan again, and look at its errors: {command(*source.again)}")
    return approved


def resumed(run: Run, again: tuple[str, ...] = ("plan",)) -> dict[str, ApprovedPlan]:
    """The plan that an interrupted run had approval for, by tenant id.

    `again` are the arguments of the command that plans the same again.
    """
    source = PlanFile(str(Path(run.folder, PLAN)), (), again)
    written = frozenset(
        (attempt.resource, ".".join(setting.path))
        for attempt in run.attempts
        if attempt.fate != "not written"
        for setting in attempt.settings
    )
    approved = _approved(source, document(run, PLAN))
    return {id_: replace(expected, written=written) for id_, expected in approved.items()}


def _approved(source: PlanFile, data: Json) -> dict[str, ApprovedPlan]:
    try:
        found = [
            _expected(source, plan)
            for plan in data["plans"]
            if source.wants(plan["tenant"]["id"], plan["tenant"]["name"])
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise source.altered(
            f"is incomplete or was altered: {type(error).__name__}: {error}"
        ) from error
    approved = dict(found)
    if len(approved) < len(found):
        raise source.altered("was altered: it contains several plans for one tenant")
    return approved


def _expected(source: PlanFile, plan: Json) -> tuple[str, ApprovedPlan]:
    file, again = source.name, source.again
    name, id_ = plan["tenant"]["name"], plan["tenant"]["id"]
    if "error" in plan:
        text = f"{file} contains no plan for {name}: {plan['error']['message']}"
        fix = f"plan again: {command(*again)}; or apply another tenant's plan with --tenant NAME"
        raise PlanFileError(text, fix)
    if plan["refused"] or plan.get("undoing_refused"):  # by a drift
        rules = dict.fromkeys(
            str(found["rule"])
            for found in plan["findings"]
            if found["level"] == "error" and not found["acknowledged"]
        )
        text = f"the plan for {name} in {file} is refused: {', '.join(rules)}"
        fix = again_with(again, rules, plan)
        raise PlanFileError(f"{text}; nothing was written", fix, Exit.REFUSED)
    if plan["digest"] is None:
        text = f"{file} has no digest for {name}: it was planned from a snapshot that lacks a group"
        fix = f"plan again from the tenant itself: {command(*again)}"
        raise PlanFileError(text, fix)
    bound = from_json(plan["bound"])
    if plan["digest"] != digest(bound) or id_ != bound.tenant:
        raise source.altered(f"was altered: the digest for {name} does not match its contents")
    people = {
        (str(each["name"]), str(wave["name"])): int(wave["people"])
        for each in plan.get("rollouts") or ()
        for wave in each["waves"]
        if wave["state"] == "opens" and wave["people"] is not None
    }
    return id_, ApprovedPlan(
        plan["digest"], bound, people=people, only=from_terms(bound.terms.get("only", ()))
    )


def expected_digests(given: Sequence[str], policies: Iterable[Desired]) -> dict[str, ApprovedPlan]:
    """The digests of `--expect-digest`, by tenant id; empty if the flag is not given.

    Raises:
        UsageError: a value is not a digest, its tenant is unclear or unknown, or a tenant has none.
    """
    if not given:
        return {}
    tenants = [desired.tenant for desired in policies]
    by_name: dict[str, str] = {}
    for item in given:
        name, equals, value = item.rpartition("=")
        if not DIGEST.fullmatch(value):
            raise UsageError(
                f"--expect-digest {item!r} is not a digest; nothing was read",
                "enter sha256: and 64 hex digits, as in `digest` of the plan's JSON",
            )
        if not equals and len(tenants) > 1:
            names = " ".join(f"--expect-digest {quoted(f'{tenant.name}=D')}" for tenant in tenants)
            text = "there are several tenants, and --expect-digest does not say which one it is for"
            raise UsageError(f"{text}; nothing was read", f"use {names}")
        name = name if equals else tenants[0].name
        if name in by_name or name not in {tenant.name for tenant in tenants}:
            why = "is given twice" if name in by_name else "is for a tenant that no file is for"
            raise UsageError(
                f"--expect-digest for {name!r} {why}; nothing was read",
                f"give one for each tenant: {', '.join(tenant.name for tenant in tenants)}",
            )
        by_name[name] = value
    missing = [tenant.name for tenant in tenants if tenant.name not in by_name]
    if missing:
        raise UsageError(
            f"--expect-digest is missing for {', '.join(missing)}; nothing was read",
            "give one for each tenant, or pick tenants with --tenant",
        )
    return {tenant.id: ApprovedPlan(by_name[tenant.name]) for tenant in tenants}


def only_planned(
    policies: Sequence[Desired], expected: Mapping[str, ApprovedPlan], source: PlanFile
) -> list[Desired]:
    """The policies of the tenants in a plan file.

    Raises:
        PlanFileError: a tenant of the plan file no longer has a policy file, or the plan file is
            not for the wanted tenant.
    """
    known = {desired.tenant.id: desired for desired in policies}
    unknown = sorted(expected.keys() - known.keys())
    if (unknown and not source.wanted) or not expected.keys() & known.keys():
        there = ", ".join(f"{one.tenant.name} ({id_})" for id_, one in known.items())
        whose = ", ".join(unknown)
        text = f"{source.name} is for tenant {whose}, but the policy files are for {there}"
        fix = "add the policy files that it was planned from to the command, or plan these files "
        fix += f"and have the new plan reviewed: {command(*source.again)}"
        raise PlanFileError(f"{text}; nothing was written", fix, Exit.STALE)
    return [desired for desired in policies if desired.tenant.id in expected]
