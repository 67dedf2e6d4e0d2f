"""Consent that was given beforehand: a plan file, a digest, or an earlier run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from graphpolicy.disk.json_text import decoded
from graphpolicy.journal.folder import PLAN, document
from graphpolicy.journal.run import Run
from graphpolicy.model import Bound, Desired, Failure, Finding, Json, Plan
from graphpolicy.model.command import command, quoted
from graphpolicy.model.errors import Exit, GraphPolicyError, UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.plan.digest import digest, from_json, if_allowed, moved
from graphpolicy.plan.verdict import number
from graphpolicy.render.as_json import FORMAT_VERSION
from graphpolicy.rules.table import RULES

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ApprovedPlan:
    """What a plan must be equal to. A bare digest has no `bound` and can't say what moved.

    `written` are (resource, path) that the run which is resumed has written already.
    """

    digest: str
    bound: Bound | None = None
    written: frozenset[tuple[str, str]] = frozenset()


class PlanFileError(GraphPolicyError):
    """A plan file that can't be applied."""

    @property
    def finding(self) -> Finding:
        """The same for reports."""
        return Finding("plan-file", "error", self.text, self.help)


ALIKE = 0.75
"""How much of a digest must stand in another one, in its order, for a slip of the hand. Digests of
two plans have about a third in common."""


def review(again: Sequence[str]) -> str:
    """What to do where the plan that was reviewed can't be applied any more.

    `again` are the arguments that plan the same anew.
    """
    return f"run {command(*again)} again, and have the new plan reviewed"


def allowing(rules: Iterable[str]) -> tuple[str, ...]:
    """The flags that accept what these rules find; others than ours stand in a file of anybody."""
    known = sorted({str(rule) for rule in rules} & RULES.keys())
    return tuple(word for rule in known for word in ("--allow", rule))


def accepting(expected: Iterable[ApprovedPlan], allow: Iterable[str]) -> tuple[str, ...]:
    """The flags that accept what is accepted now, and what was for plans that were consented to."""
    before = (rule for one in expected if one.bound for rule in one.bound.terms.get("allow", ()))
    return allowing((*allow, *before))


def again_with(again: Sequence[str], rules: Iterable[str], plan: Json) -> str:
    """How to get a plan that can be applied, once what refuses this one is mended or accepted.

    `again` are the arguments that plan the same. What was accepted for this one is accepted again.
    """
    refusing = set(rules)
    accepted = {rule for rule in refusing if rule in RULES and RULES[rule].way_on}
    allowed = {str(rule) for rule in plan["bound"]["terms"].get("allow", ())}
    mend = refusing - accepted
    words = command(*again, *allowing(allowed if mend else allowed | accepted))
    if mend:
        return f"mend {', '.join(sorted(mend))}, and plan again: {words}"
    return f"mend what refuses it, or accept it and plan again: {words}"


def stale(expected: ApprovedPlan, plan: Plan, again: Sequence[str] = ("plan",)) -> Failure | None:
    """Why a plan is not the one that was consented to; None if it is.

    A plan that is refused now needs no other reason. `again` are the arguments that plan the same
    anew.
    """
    if plan.refused or expected.digest == plan.digest:
        return None
    text = "the tenant or the files have moved since the plan was reviewed; nothing was written"
    fix = review(again)
    if expected.bound is None:
        _check_typing(expected.digest, plan, again)
        return Failure(plan.tenant, plan.file, "plan-stale", text, fix, Exit.STALE, plan)
    told = list(moved(expected.bound, plan.bound, expected.written))
    if expected.written and not told:
        return None  # a run that is resumed finds its own writes
    details = tuple(told)
    return Failure(plan.tenant, plan.file, "plan-stale", text, fix, Exit.STALE, details=details)


def outdated(expected: ApprovedPlan, plan: Plan) -> bool:
    """Whether a refused plan would still be another one if a run accepted what refuses it."""
    rules = {found.rule for found in plan.refusing}
    return bool(rules) and digest(if_allowed(plan.bound, rules)) != expected.digest


def _check_typing(given: str, plan: Plan, again: Sequence[str]) -> None:
    """Tell a digest with a mistake in it from that of another plan.

    Raises:
        UsageError: it is almost the digest of this plan.
    """
    own = plan.digest or ""
    if SequenceMatcher(None, given, own, autojunk=False).ratio() < ALIKE:
        return
    differing = sum(one != other for one, other in zip(given, own, strict=False))
    raise UsageError(
        f"--expect-digest was mistyped: it is that of the plan for {plan.tenant.name} "
        f"but for {number(differing, 'digit')}; nothing was written",
        "nothing has moved: copy the digest of the reviewed plan again; "
        f"{command(*again, '--format', 'json')} prints it as well",
    )


def read_plan_file(
    file: str, wanted: str | None = None, again: Sequence[str] = ()
) -> dict[str, ApprovedPlan]:
    """What a plan file consents to, by tenant id; `wanted` is one tenant's name or id, `again` the
    arguments that plan the same anew.

    Raises:
        PlanFileError: it is no plan, of another format, altered, or one that could not be made.
    """
    again = again or ("plan", "-o", file)
    data = plan_document(file, again)
    consented = _consented(file, data, wanted, again)
    if not consented:
        text = f"{file} holds no plan{why_none(data)}; nothing was written"
        raise PlanFileError(text, f"plan again, and look at how it ends: {command(*again)}")
    return consented


def plan_document(file: str, again: Sequence[str]) -> Json:
    """What a plan file holds, of the format that this release reads.

    Raises:
        PlanFileError: it is no plan, or one of another format.
    """
    data = any_json(file, again)
    version = data.get("format_version") if isinstance(data, dict) else None
    if version != FORMAT_VERSION:
        text = f"{file} is no plan that this release can read: format_version {version!r}"
        raise PlanFileError(text, review(again), Exit.STALE)
    return data


def any_json(file: str, again: Sequence[str]) -> Json:
    """What a file holds, of whatever format.

    Raises:
        PlanFileError: it is no JSON.
    """
    try:
        return decoded(Path(file).read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        fix = f"name a plan file; {command(*again)} writes one"
        raise PlanFileError(f"{file} can't be read: {reason}", fix, 1) from error


def why_none(data: Mapping[str, Json]) -> str:
    """What a report says, in its own words, where no plan could be made."""
    found = data.get("findings")
    first = found[0] if isinstance(found, list) and found else None
    message = first.get("message") if isinstance(first, dict) else None
    return f": {message}" if message else ""


def resumed(run: Run, again: Sequence[str] = ("plan",)) -> dict[str, ApprovedPlan]:
    """What a run that was cut off had consent to; `again` are the arguments that plan it anew.

    Raises:
        RunError: its plan can't be read.
        PlanFileError: its plan is none, or was altered.
    """
    consented = _consented(str(Path(run.folder, PLAN)), document(run, PLAN), None, again)
    written = frozenset(
        (attempt.resource, ".".join(setting.path))
        for attempt in run.attempts
        if attempt.fate != "not written"
        for setting in attempt.settings
    )
    return {id_: replace(expected, written=written) for id_, expected in consented.items()}


def _is(plan: Json, wanted: str | None) -> bool:
    """Whether a plan is for the tenant of this name or id."""
    return wanted is None or wanted in (plan["tenant"]["name"], plan["tenant"]["id"])


def _consented(
    file: str, data: Json, wanted: str | None, again: Sequence[str]
) -> dict[str, ApprovedPlan]:
    try:
        found = [_expected(file, plan, again) for plan in data["plans"] if _is(plan, wanted)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        text = f"{file} is no whole plan, or it was altered: {type(error).__name__}: {error}"
        raise PlanFileError(text, review(again), Exit.STALE) from error
    consented = dict(found)
    if len(consented) < len(found):
        text = f"{file} was altered: it holds several plans for one tenant"
        raise PlanFileError(text, review(again), Exit.STALE)
    return consented


def _expected(file: str, plan: Json, again: Sequence[str]) -> tuple[str, ApprovedPlan]:
    name, id_ = plan["tenant"]["name"], plan["tenant"]["id"]
    if "error" in plan:
        text = f"{file} holds no plan for {name}: {plan['error']['message']}"
        fix = f"plan again: {command(*again)}; or apply one of the others with --tenant NAME"
        raise PlanFileError(text, fix)
    if plan["refused"] or plan.get("undoing_refused"):  # by a drift
        rules = dict.fromkeys(
            str(found["rule"])
            for found in plan["findings"]
            if found["level"] == "error" and not found["acknowledged"]
        )
        text = f"{file} holds a plan for {name} that is refused: {', '.join(rules)}"
        fix = again_with(again, rules, plan)
        raise PlanFileError(f"{text}; nothing was written", fix, Exit.REFUSED)
    if plan["digest"] is None:
        text = f"{file} was planned from a snapshot that lacks a group: it has no digest for {name}"
        fix = f"plan again, against the tenant: {command(*again)}"
        raise PlanFileError(text, fix)
    bound = from_json(plan["bound"])
    if plan["digest"] != digest(bound) or id_ != bound.tenant:
        text = f"{file} was altered: the digest of {name} does not fit what it is about"
        raise PlanFileError(text, review(again), Exit.STALE)
    return id_, ApprovedPlan(plan["digest"], bound)


def expected_digests(given: Sequence[str], policies: Iterable[Desired]) -> dict[str, ApprovedPlan]:
    """What `--expect-digest` asks for, by tenant id; nothing where it is not given.

    Raises:
        UsageError: a value is none, or does not say which tenant it is for, or one is left out.
    """
    if not given:
        return {}
    tenants = [desired.tenant for desired in policies]
    by_name: dict[str, str] = {}
    for item in given:
        name, equals, value = item.rpartition("=")
        if not DIGEST.fullmatch(value):
            raise UsageError(
                f"--expect-digest {item!r} is no digest; nothing was read",
                "write sha256: and 64 hex digits, as the plan's JSON has it under digest",
            )
        if not equals and len(tenants) > 1:
            names = " ".join(f"--expect-digest {quoted(f'{tenant.name}=D')}" for tenant in tenants)
            text = "there are several tenants, and --expect-digest does not say whose it is"
            raise UsageError(f"{text}; nothing was read", f"write {names}")
        name = name if equals else tenants[0].name
        if name in by_name or name not in {tenant.name for tenant in tenants}:
            why = "is given twice" if name in by_name else "is for no tenant of these files"
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
    policies: Sequence[Desired],
    expected: Mapping[str, ApprovedPlan],
    file: str,
    wanted: str | None,
    again: Sequence[str] = ("plan",),
) -> list[Desired]:
    """The policies that a plan file is about, of those that `wanted` (the flag) has picked.

    Raises:
        PlanFileError: the file is about a tenant that no policy is for any more, or not about
            the one that is wanted.
    """
    known = {desired.tenant.id: desired for desired in policies}
    unknown = sorted(expected.keys() - known.keys())
    if (unknown and wanted is None) or not expected.keys() & known.keys():
        there = ", ".join(f"{one.tenant.name} ({id_})" for id_, one in known.items())
        text = f"{file} is for tenant {', '.join(unknown)}, and the policy files are for {there}"
        fix = "name the policy files that were planned beside it, or plan these and have the new "
        fix += f"plan reviewed: {command(*again)}"
        raise PlanFileError(f"{text}; nothing was written", fix, Exit.STALE)
    return [desired for desired in policies if desired.tenant.id in expected]
