"""ci outputs: what later steps and jobs need of a plan."""

from __future__ import annotations

from collections.abc import Mapping

from graphpolicy.commands.approved_plan import DIGEST
from graphpolicy.model import Json
from graphpolicy.model.errors import UsageError


def outputs(report: Json, tenant: str | None) -> Mapping[str, str]:
    """The outputs that later steps and jobs need from a report of `plan --format json`, by name.

    Raises:
        UsageError: it does not have exactly one (wanted) tenant, or that could not be planned.
        KeyError, TypeError, ValueError: it is not such a report.
    """
    plans = report["plans"]
    if tenant is not None:
        plans = [each for each in plans if tenant in (each["tenant"]["name"], each["tenant"]["id"])]
    if len(plans) != 1:
        raise UsageError(
            f"the report has {len(plans)} tenants, but outputs are for exactly one",
            "pick it with --tenant, and give each tenant its own job",
        )
    plan = plans[0]
    if "error" in plan:
        text = f"there is no plan for {plan['tenant']['name']}: {plan['error']['message']}"
        raise UsageError(text, "look at the output of the step that plans")
    digest = plan["digest"] or ""
    if digest and not DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is not a digest")
    counts = {name: str(int(plan["summary"][name])) for name in ("changes", "errors", "warnings")}
    return {"digest": digest, **counts, "refused": "true" if plan["refused"] else "false"}
