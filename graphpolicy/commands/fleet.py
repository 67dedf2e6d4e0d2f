"""ci fleet: one page of the reports of many tenants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from graphpolicy.commands.written_reports import fault, plans_in
from graphpolicy.model import Tenant
from graphpolicy.model.errors import Exit
from graphpolicy.plan.fleet_summary import Fleet, FleetCollector
from graphpolicy.render.as_json import tenant_json

NO_REPORT = "no-report"
"""The code of a tenant that no report has."""
UNREPORTED = {
    "code": NO_REPORT,
    "message": "none of the reports has this tenant",
    "help": "check the job that plans it, and give its report as well",
}


def fleet_of(
    files: Iterable[str], known: Iterable[Tenant], wanted: Sequence[str] = ()
) -> tuple[Fleet, list[str]]:
    """The page of the tenants in some reports, `.json` or `.jsonl`, and what is wrong with these.

    A `known` tenant that is in none of them counts as failed: its job may have died. `wanted` are
    names or ids of the tenants to show; all are shown if it is empty.
    """

    def left_out(name: str, id_: str) -> bool:
        return bool(wanted) and name not in wanted and id_ not in map(str.lower, wanted)

    gathering, wrong = FleetCollector(), []
    seen: dict[str, str] = {}
    for file in files:
        twice: dict[str, list[str]] = {}
        found = False
        try:
            for plan in plans_in(file):
                found, own = True, plan["tenant"]
                if left_out(own["name"], own["id"]):
                    continue
                if own["id"] in seen:
                    twice.setdefault(seen[own["id"]], []).append(own["name"])
                    continue
                gathering.add(plan)
                seen[own["id"]] = file
            if not found:
                wrong.append(
                    f"{file} contains no tenants: the run ended early, or the files have errors"
                )
        except (OSError, ValueError, KeyError, TypeError) as error:
            wrong.append(f"{file} is not a report of plan, drift or apply: {fault(error)}")
        for other, names in twice.items():
            who = names[0] if len(names) == 1 else f"{len(names):,} tenants, such as {names[0]},"
            be = "is" if len(names) == 1 else "are"
            wrong.append(f"{file}: {who} {be} also in {other}, which is used")
    for tenant in known:
        if tenant.id not in seen and not left_out(tenant.name, tenant.id):
            gathering.add({"tenant": tenant_json(tenant), "error": UNREPORTED})
    told = {text for each in gathering.tenants for text in (each.name, each.id)}
    lost = [name for name in wanted if not {name, name.lower()} & told]
    wrong += [f"neither a report nor a policy file is for tenant {name!r}" for name in lost]
    fleet = gathering.fleet
    failed = bool(wrong) or any(each.what == NO_REPORT for each in fleet.failed)
    return replace(fleet, exit_code=Exit.FAILED if failed else Exit.DONE), wrong
