"""Consent that was given beforehand: a plan file, a digest, or an earlier run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from graphpolicy.consent import digest, from_json, moved
from graphpolicy.graph.errors import UsageFailure
from graphpolicy.journal.folder import PLAN, document
from graphpolicy.model import Bound, Desired, Failure, Json, Plan
from graphpolicy.records import dataclass
from graphpolicy.render.as_json import FORMAT_VERSION
from graphpolicy.run import Run

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
STALE = 3


@dataclass(frozen=True, slots=True)
class Expected:
    """What a plan must be equal to. A bare digest has no `bound` and can't say what moved.

    `written` are (resource, path) that the run which is resumed has written already.
    """

    digest: str
    bound: Bound | None = None
    written: frozenset[tuple[str, str]] = frozenset()


class PlanFileFailure(Exception):  # noqa: N818 - an outcome with an exit code
    """A plan file that can't be applied."""

    def __init__(self, text: str, help_: str, exit_code: int) -> None:
        super().__init__(text)
        self.text = text
        self.help = help_
        self.exit_code = exit_code


AGAIN = "run `graphpolicy plan` again, and have the new plan reviewed"


def stale(expected: Expected, plan: Plan) -> Failure | None:
    """Why a plan is not the one that was consented to; None if it is."""
    if expected.digest == plan.digest:
        return None
    text = "the tenant or the files have moved since the plan was reviewed; nothing was written"
    if expected.bound is None:
        return Failure(plan.tenant, plan.file, "plan-stale", text, AGAIN, STALE, plan)
    told = list(moved(expected.bound, plan.bound, expected.written))
    if not told:
        return None  # a run that is resumed finds its own writes
    details = tuple(told)
    return Failure(plan.tenant, plan.file, "plan-stale", text, AGAIN, STALE, details=details)


def read_plan_file(file: str) -> dict[str, Expected]:
    """What a plan file consents to, by tenant id.

    Raises:
        PlanFileFailure: it is no plan, of another format, altered, or one that could not be made.
    """
    try:
        data = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no JSON"
        raise PlanFileFailure(f"{file} can't be read: {reason}", "name a plan file", 1) from error
    version = data.get("format_version") if isinstance(data, dict) else None
    if version != FORMAT_VERSION:
        text = f"{file} is no plan that this release can apply: format_version {version!r}"
        raise PlanFileFailure(text, AGAIN, STALE)
    return _consented(file, data)


def resumed(run: Run) -> dict[str, Expected]:
    """What a run that was cut off had consent to.

    Raises:
        RunFailure: its plan can't be read.
        PlanFileFailure: its plan is none, or was altered.
    """
    consented = _consented(str(Path(run.folder, PLAN)), document(run, PLAN))
    written = frozenset(
        (attempt.resource, ".".join(setting.path))
        for attempt in run.attempts
        if attempt.fate != "not written"
        for setting in attempt.settings
    )
    return {id_: replace(expected, written=written) for id_, expected in consented.items()}


def _consented(file: str, data: Json) -> dict[str, Expected]:
    try:
        return dict(_expected(file, plan) for plan in data["plans"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise PlanFileFailure(f"{file} is no whole plan: {error!r}", AGAIN, STALE) from error


def _expected(file: str, plan: Json) -> tuple[str, Expected]:
    name, id_ = plan["tenant"]["name"], plan["tenant"]["id"]
    if "error" in plan:
        text = f"{file} holds no plan for {name}: {plan['error']['message']}"
        raise PlanFileFailure(text, "plan again, or leave the tenant out with --tenant", 1)
    if plan["digest"] is None:
        text = f"{file} was planned from a snapshot that lacks a group: it has no digest for {name}"
        raise PlanFileFailure(text, "plan again, against the tenant", 1)
    bound = from_json(plan["bound"])
    if plan["digest"] != digest(bound):
        text = f"{file} was altered: the digest of {name} does not fit what it is about"
        raise PlanFileFailure(text, AGAIN, STALE)
    return id_, Expected(plan["digest"], bound)


def expected_digests(given: Sequence[str], policies: Iterable[Desired]) -> dict[str, Expected]:
    """What `--expect-digest` asks for, by tenant id; nothing where it is not given.

    Raises:
        UsageFailure: a value is none, or does not say which tenant it is for, or one is left out.
    """
    if not given:
        return {}
    tenants = [desired.tenant for desired in policies]
    by_name: dict[str, str] = {}
    for item in given:
        name, equals, value = item.rpartition("=")
        if not DIGEST.fullmatch(value):
            raise UsageFailure(
                f"--expect-digest {item!r} is no digest; nothing was read",
                "write sha256: and 64 hex digits, as the plan's JSON has it under digest",
            )
        if not equals and len(tenants) > 1:
            names = " ".join(f"--expect-digest {tenant.name}=D" for tenant in tenants)
            text = "there are several tenants, and --expect-digest does not say whose it is"
            raise UsageFailure(text, f"write {names}")
        name = name if equals else tenants[0].name
        if name in by_name or name not in {tenant.name for tenant in tenants}:
            why = "is given twice" if name in by_name else "is for no tenant of these files"
            raise UsageFailure(f"--expect-digest for {name!r} {why}", "give one for each tenant")
        by_name[name] = value
    missing = [tenant.name for tenant in tenants if tenant.name not in by_name]
    if missing:
        raise UsageFailure(
            f"--expect-digest is missing for {', '.join(missing)}", "give one for each tenant"
        )
    return {tenant.id: Expected(by_name[tenant.name]) for tenant in tenants}


def only_planned(
    policies: Sequence[Desired], expected: Mapping[str, Expected], file: str
) -> list[Desired]:
    """The policies that a plan file is about.

    Raises:
        PlanFileFailure: the file is about a tenant that no policy is for.
    """
    known = {desired.tenant.id for desired in policies}
    unknown = sorted(expected.keys() - known)
    if unknown:
        text = f"{file} is for tenant {', '.join(unknown)}, and no policy file is"
        raise PlanFileFailure(text, "name the policy files beside the plan file", 1)
    return [desired for desired in policies if desired.tenant.id in expected]
