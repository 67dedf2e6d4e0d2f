"""Many tenants on one page: what most of them have in common first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphpolicy.model import Json
from graphpolicy.plan.fleet_summary import STATES, Fleet, FleetTenant, SharedLine, words
from graphpolicy.plan.tally import number
from graphpolicy.render import Style
from graphpolicy.render.as_json import members
from graphpolicy.render.blocks import Block, FactList, Gap, Heading, Line, Table

HEAD = ("TENANT", "RING", "STATE")
NAMED = 5
"""How many tenants stand beside something that they share."""
LISTED = 100
"""How many tenants, and how many differences, are listed one by one."""


def document(result: Fleet, _style: Style) -> Json:
    """`{fleet: {summary, differences, applied, findings, failures, tenants}}`, with all names."""
    states = [tenant.state for tenant in result.tenants]
    return {
        "fleet": {
            "summary": {
                "tenants": len(states),
                **{name: states.count(name) for name in STATES if name in states},
            },
            "differences": [members(each, "what says tenants") for each in result.differences],
            "applied": [members(each, "what says tenants") for each in result.applied],
            "findings": [members(each, "level what tenants") for each in result.warned],
            "failures": [members(each, "what says help? tenants") for each in result.failed],
            "tenants": [
                members(each, "name id ring state changes errors warnings unmanaged why?")
                for each in result.tenants
            ],
        }
    }


def blocks(result: Fleet, _style: Style) -> Iterator[Block]:
    """The numbers, the differences, the findings, the failures, and the tenants to look at."""
    yield Heading(result.verdict)
    yield from _shared("What differs", result.differences)
    yield from _shared("What was applied", result.applied)
    yield from _shared("Errors and warnings", result.warned)
    yield from _shared("What failed", result.failed)
    busy = [each for each in result.tenants if each.state not in ("same", "applied")]
    if busy:
        yield Gap()
        yield Heading("Tenants", 3)
        yield Table(HEAD, [_row(each, drift=result.drift) for each in busy[:LISTED]], whole=True)
        yield from _left_out(len(busy), "tenants")


def _shared(title: str, found: Sequence[SharedLine]) -> Iterator[Block]:
    if not found:
        return
    yield Gap()
    yield Heading(title, 3)
    rows = [(f"{len(each.tenants):,}", _told(each)) for each in found[:LISTED]]
    yield FactList(rows, indent=7)
    yield from _left_out(len(found), "of these")


def _told(each: SharedLine) -> str:
    what = f"{each.level} {each.what}" if each.level else each.what
    says = f"{what}: {each.says}" if each.says else what
    says = f"{says}; {each.help}" if each.help else says
    more = len(each.tenants) - NAMED
    names = ", ".join(each.tenants[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
    return f"{says} · in {names}"


def _row(tenant: FleetTenant, *, drift: bool) -> tuple[str, str, str]:
    counts = (
        f"{number(tenant.changes, 'difference') if drift else f'{tenant.changes:,} to change'}, "
        f"{number(tenant.errors, 'error')}, {number(tenant.warnings, 'warning')}"
    )
    said = [f"{words(drift=drift)[tenant.state]}: {tenant.why}"] if tenant.why else []
    said += [counts] if tenant.state != "failed" else []
    said += [f"{tenant.unmanaged:,} in no file"] if tenant.unmanaged else []
    return tenant.name, "" if tenant.ring is None else str(tenant.ring), "; ".join(said)


def _left_out(count: int, what: str) -> Iterator[Block]:
    if count > LISTED:
        yield Line(f"{count - LISTED:,} more {what} are in the JSON of this page.")
