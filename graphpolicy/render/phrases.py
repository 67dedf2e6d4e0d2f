"""The phrases of a report that several formats share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

from graphpolicy.compare.author_words import by_whom
from graphpolicy.model import Audience, Change, Failure, Plan, Result, Unmanaged, Use
from graphpolicy.model.command import again, command, without
from graphpolicy.model.errors import Exit
from graphpolicy.plan.tally import settings
from graphpolicy.plan.verdict import Report, undoing_refused
from graphpolicy.rollouts.rings import left, phrase, rings_of, value
from graphpolicy.rules.table import RULES

IN_NO_FILE = "In no file, and different from the snapshot"
"""The heading above what no file declares and differs from the tenant's snapshot."""
IRREVERSIBLE = "irreversible-change"
NOT_RESTORABLE = "not-restorable"

USES: Mapping[Use, str] = {
    "yes": "allowed",
    "everyone": "allowed (as everyone)",
    "excluded": "excluded",
    "no": "not allowed",
}


def reach(change: Change, audience: Audience) -> str:
    """Who a setting applies to after the plan; if the plan disables it, who it did apply to."""
    text = _applies(audience, off=change.after == "disabled")
    if audience.managed:
        return text
    return f"{text} (targets come from the tenant; the file sets none)"


def _applies(audience: Audience, *, off: bool) -> str:
    verb = "no longer applies to" if off else "applies to"
    text = f"{verb} {', '.join(audience.include) or 'nobody'}"
    return text + (f", but not {', '.join(audience.exclude)}" if audience.exclude else "")


def undeclared(item: Unmanaged) -> Iterator[str]:
    """The lines about something that no file declares: its change, the people, and the author."""
    yield f"{item.name}: {item.before_label} -> {item.after_label}" if not item.moves else item.name
    yield from (f"{symbol} {text}" for symbol, text in item.moves)
    if item.audience and item.path.endswith("state"):
        yield _applies(item.audience, off=item.after == "disabled")
    if by := by_whom(item.changed_by):
        yield f"changed by {by}"


def undone(change: Change) -> str:
    """What an apply would do to a setting that differs."""
    text = f"{change.title}.{change.path}: {change.step if change.moves else change.after_label}"
    return f"{text}, {reach(change, change.audience)}" if change.audience else text


def undoing_heading(plan: Plan) -> str:
    """The heading above the steps of undoing a drift: also whether an apply may take them."""
    lead, rules = "An apply would undo it", undoing_refused(plan)
    return f"{lead}, but would be refused: {rules}" if rules else lead


def why(failure: Failure) -> Iterator[str]:
    """The lines about a tenant that could not be planned or applied."""
    yield from (failure.message, *failure.details)
    if failure.help:
        yield f"help: {failure.help}"


def whose(report: Report, named: Callable[[str], str]) -> str:
    """Which tenants a report is about, for its title."""
    if len(report.plans) == 1:
        return f" for {named(report.plans[0].tenant.name)}"
    return f" for {len(report.plans)} tenants" if report.plans else ""


def origin(
    report: Report,
    plain: Callable[[str], str],
    code: Callable[[str], str],
    link: Callable[[str], str],
    digits: int = 40,
) -> str:
    """Where a report comes from: this many digits of its commit, its digest, time and run, if
    known.

    The functions are the format's own for a word, a name to copy, and the address of the run.
    """
    at = report.origin
    digests = [plan.digest for plan in report.plans if isinstance(plan, Plan) and plan.digest]
    parts = [f"commit {code(at.commit[:digits])}"] if at.commit else []
    if len(digests) == 1:
        parts.append(f"digest {code(digests[0])}")
    if at.at:
        parts.append(f"live state read {plain(at.at)}")
    if at.run.startswith("https://"):
        parts.append(link(escape(at.run)))
    return " · ".join(parts)


def way_on(report: Report, typed: Sequence[str]) -> str:
    """How to continue with plans that are refused; '' if a file has to be changed first."""
    verb = report.verb
    if report.outdated:
        return f"this is not the plan that was reviewed: {report.outdated}"
    flags: dict[tuple[str, ...], None] = {}
    for plan in report.plans:
        for found in plan.refusing if isinstance(plan, Plan) else ():
            if found.rule not in RULES or not RULES[found.rule].way_on:
                return ""
            flags["--allow", found.rule] = None
            if found.rule == IRREVERSIBLE and verb != "plan":
                flags["--confirm", plan.tenant.name] = None
    if not flags or not typed or verb == "drift" or "rollout" in typed[:1]:  # it has no --allow
        return ""
    words = again(typed, *(word for flag in flags for word in flag))
    return f"to accept this for this run only: {words}"


def go_on(report: Report, typed: Sequence[str]) -> str:
    """How to continue with tenants that are only held up by others; '' if there are none."""
    if not typed or not any(not unsent.declined for unsent in report.unsent.values()):
        return ""
    if not report.results and "--keep-going" not in typed:
        ringed = rings_of(plan.tenant for plan in report.plans)
        what = "what is ready, ring by ring" if ringed else "each tenant separately"
        return f"to apply {what}: {again(typed, '--keep-going')}"
    rings, why = left(report.plans, report.results, report.unsent)
    if not rings:
        return ""
    names = {plan.tenant.name for plan in report.plans if plan.tenant.ring not in rings}
    kept = without(typed, "--ring", lambda _: True)
    kept = without(kept, "--expect-digest", lambda text: text.rpartition("=")[0] in names)
    kept = without(kept, "--confirm", lambda text: text in names)
    words = again(kept, *(word for ring in rings for word in ("--ring", value(ring))))
    first = f"repair {phrase(rings[0])} ({'; '.join(why)}), then continue" if why else "to continue"
    return f"{first}: {words}"


def carried_out(plan: Plan, report: Report, common: Sequence[str]) -> str:
    """What was done to a tenant, the run's name, and the command that undoes it."""
    results, run = report.results[plan.tenant.id], report.runs.get(plan.tenant.id, "")
    text = changed(results)
    if run:
        text += f" in run {run}"
    if run and report.resume and any(one.exit_code == Exit.INTERRUPTED for one in results):
        text += f"; continue: {command(*report.resume, run)}"
    final = {(one.resource, one.path) for one in plan.findings if one.rule == IRREVERSIBLE}
    done = {(one.resource, path) for one in results if one.written for path in one.paths}
    if run and done - final:
        stays = ", ".join(".".join(each) for each in sorted(done & final))
        but = f" (except {stays}, which can't be undone)" if stays else ""
        text += f"; undo{but}: {command('rollback', run, *common)}"
    elif done:
        text += "; this can't be undone"
    left = sum(one.rule == NOT_RESTORABLE for one in plan.findings)
    return f"{text}; {settings(left)} can't be restored" if left else text


def changed(*tenants: Sequence[Result]) -> str:
    """How many settings of one or more tenants were changed, and out of how many if not all."""
    done = all_ = 0
    for results in tenants:
        every = {(one.resource, path) for one in results for path in one.paths}
        left = {(r.resource, path) for r in results if r.outcome != "verified" for path in r.paths}
        done, all_ = done + len(every - left), all_ + len(every)
    return (
        f"{f'{done} of {settings(all_)}' if done < all_ else settings(done)} changed and verified"
    )
