"""How far the waves of rollouts are: what `rollout` answers, and who is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphpolicy.model import Failure, Json, Unread, WavePeople, WaveState
from graphpolicy.model.command import argument, command
from graphpolicy.plan.rollout_changes import MissingPeople, RolloutReport, TenantRollouts
from graphpolicy.render import Style
from graphpolicy.render.as_json import failure_json, tenant_json
from graphpolicy.render.blocks import Block, Items, Line, Table, by_tenant
from graphpolicy.render.plan_json import rollout_json, wrong_files_json
from graphpolicy.rollouts.gates import fallen

HEAD = ("WAVE", "FROM", "STATE", "PEOPLE", "REGISTERED", "LAST RUN")
COLUMNS = ("tenant", "rollout", "wave", "needs", "person", "id", "registered")


def document(result: RolloutReport, _style: Style) -> Json:
    """`{tenants: [{tenant, rollouts}]}`; a tenant that could not be read has `error` instead."""
    return {
        "tenants": [
            {"tenant": tenant_json(item.tenant), "error": failure_json(item)}
            if isinstance(item, Failure)
            else {
                "tenant": tenant_json(item.tenant),
                "rollouts": [rollout_json(each) for each in item.rollouts],
            }
            for item in result.items
        ],
        **wrong_files_json(result.file_findings),
    }


def blocks(result: RolloutReport, _style: Style) -> Iterator[Block]:
    """For each tenant its rollouts, each with its waves and what the next one waits for."""
    return by_tenant(result.items, _tenant, result.file_findings)


def _tenant(item: TenantRollouts) -> Iterator[Block]:
    if not item.rollouts:
        yield Line("There are no rollouts.")
    for each in item.rollouts:
        yield Line(f"{each.rollout.name}: {_open(each.rollout.open)}.")
        yield Table(HEAD, [_row(wave) for wave in each.waves], whole=True, inset=2)
        yield Items([line for wave in each.waves for line in _lines(each.rollout.name, wave)])


def _open(wave: str) -> str:
    return f"open up to {wave}" if wave else "not begun"


def _row(state: WaveState) -> tuple[str, ...]:
    people = state.people if isinstance(state.people, WavePeople) else None
    registered = "" if people is None else _share(people.people, people.registered)
    earlier = state.earlier
    return (
        state.wave.name,
        state.wave.since,
        state.state,
        "not known" if people is None else f"{people.people:,}",
        registered,
        f"{_share(earlier.people, earlier.registered)} on {earlier.day}" if earlier else "",
    )


def _share(people: int, registered: int | None) -> str:
    if registered is None:
        return ""
    share = f"{100 * registered // people} %, " if people else ""
    return f"{share}{registered:,} of {people:,}"


def _lines(rollout: str, state: WaveState) -> Iterator[str]:
    name = state.wave.name
    people = state.people
    if isinstance(people, Unread) and not any(people.why in gate.why for gate in state.unmet):
        yield f"The people of {name} were not counted: {people.why}."
    if state.state == "due":
        yield f"{name} is due: {command('rollout', 'open', *argument(rollout))} opens it."
    if state.state == "open" and (why := fallen(state.wave, people)):
        yield f"{name} stays open: {why}."
    for gate in state.unmet:
        yield f"{name} waits: {gate.why}."


def table(result: MissingPeople, _style: Style) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Who has not registered what their wave asks for, for a spreadsheet."""
    rows = [
        (
            item.tenant.name,
            each.rollout.name,
            wave.wave.name,
            wave.wave.registered,
            person.name,
            person.id,
            "; ".join(person.has),
        )
        for item in result.items
        for each in item.rollouts
        for wave in each.waves
        for person in wave.missing
    ]
    return COLUMNS, rows
