"""ci open-wave: which waves are due, and the change of the file that opens each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.announce import announce
from graphpolicy.announce.texts import default_texts
from graphpolicy.commands.adopt_drift import in_repository
from graphpolicy.commands.announce import proposed
from graphpolicy.commands.plan import guarded, plan_tenant
from graphpolicy.commands.rollout import show_each
from graphpolicy.commands.rollout_open import with_open
from graphpolicy.commands.trend import Trend
from graphpolicy.github.wave import RemovedRollout, WaveChange, branch_of, branches_of
from graphpolicy.graph.read import together
from graphpolicy.model import Desired, Failure, Finding, Gate, Named, Plan, RolloutState
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.verdict import Report
from graphpolicy.policyfile.assembly import reread
from graphpolicy.policyfile.files import read_bytes
from graphpolicy.render import Style, render
from graphpolicy.render.announce import Announcements

if TYPE_CHECKING:
    from graphpolicy.github.hub import Hub
    from graphpolicy.graph.session import Graph, Session


async def due_waves(
    session: Session,
    policies: Sequence[Desired],
    plan_context: PlanContext,
    trend: Trend,
    day: str,
) -> list[WaveChange | Failure]:
    """A change for each rollout of each tenant; one whose next wave is not due changes nothing.

    `day` is the first day on which the change could be in force, for the message to people. Files
    on disk are not changed.
    """
    report = await show_each(session, policies, plan_context, trend, only="", named=False)
    found: list[WaveChange | Failure] = []
    for desired, item in zip(policies, report.items, strict=True):
        if isinstance(item, Failure):
            found.append(item)
            continue
        raw = read_bytes(desired.file)
        if isinstance(raw, Finding):
            message = f"{desired.file} {raw.message}"
            found.append(Failure(desired.tenant, desired.file, raw.rule, message, raw.help))
            continue
        graph = session.tenant(desired.tenant)
        found += await together(
            guarded(
                desired, _change(graph, desired, raw, state, plan_context=plan_context, day=day)
            )
            for state in item.rollouts
        )
    return found


async def _change(
    graph: Graph,
    desired: Desired,
    raw: bytes,
    state: RolloutState,
    *,
    plan_context: PlanContext,
    day: str,
) -> WaveChange | Failure:
    path = in_repository(desired.file)
    name = state.rollout.name
    following = next((each for each in state.waves if each.state in ("due", "waiting")), None)
    wave = following.wave.name if following else ""
    unchanged = WaveChange(
        desired.tenant, path, raw, raw, name, wave, declared=_declared(desired, name, wave)
    )
    if following is None or following.state != "due":
        return _waits(unchanged, following.unmet if following else ())
    new = with_open(desired, raw, name, wave)
    opened = reread(desired, new, plan_context.facts).desired
    assert opened is not None  # noqa: S101 - `with_open` has read it
    base = replace(plan_context, base={desired.tenant.id: desired}, count="always")
    made = await plan_tenant(graph, opened, base)
    if isinstance(made, Failure):
        return made
    if made.plan.refused:
        opens = (wave for each in made.plan.rollouts for wave in each.waves if wave.unmet)
        if unmet := [gate for each in opens for gate in each.unmet]:
            return _waits(unchanged, unmet)
        return replace(unchanged, why=(f"its plan is refused ({made.plan.refused})",))
    plan = render(Report("plan", (made.plan,)), "markdown", Style())
    return replace(unchanged, new=new, plan=plan, letter=_letter(made.plan, plan_context, day))


def _waits(unchanged: WaveChange, unmet: Sequence[Gate]) -> WaveChange:
    """A wave that is not due. Its pull request stays open if a need could not be read tonight."""
    known = not unmet or any(gate.known for gate in unmet)
    return replace(unchanged, why=tuple(gate.why for gate in unmet), closes=known)


def _declared(desired: Desired, rollout: str, wave: str) -> str:
    """What a person who declines a wave has seen of it: its people, its first day, its needs."""
    for each in (each for each in desired.rollouts if each.name == rollout):
        for one in (one for one in each.waves if one.name == wave):
            who = one.target
            people = (who.name, who.id) if isinstance(who, Named) else str(who)
            needs = (one.registered, one.at_least, one.soak_days, one.no_drift)
            return repr((rollout, wave, people, one.since, *needs))
    return ""


def removed(hub: Hub, policies: Iterable[Desired]) -> Iterator[RemovedRollout]:
    """The branches of rollouts that are no longer in the files of these tenants.

    Raises:
        GitHubError: GitHub refused.
    """
    for desired in policies:
        own = {branch_of(desired.tenant, each.name) for each in desired.rollouts}
        for branch in hub.branches(branches_of(desired.tenant)):
            if branch not in own:
                yield RemovedRollout(desired.tenant, "", b"", b"", branch)


def _letter(plan: Plan, plan_context: PlanContext, day: str) -> str:
    texts = default_texts()
    made = tuple(
        announce(each, texts, plan_context.facts)
        for each in proposed([plan])
        if not isinstance(each, Failure)
    )
    draft = Announcements(made, texts, day, ("message",))
    return render(draft, "markdown", Style()) if made else ""
