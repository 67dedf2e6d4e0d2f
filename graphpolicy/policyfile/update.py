"""Updates a tenant's own file to match the tenant; everything that matches already stays.

The result is checked before it is written: the new text is loaded and planned against the same
answers of Graph. What that plan still finds could not be updated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graphpolicy.compare.comparison import Comparison, Difference
from graphpolicy.compare.resolve import Ids, Resolution, resolve
from graphpolicy.compare.selection import Address
from graphpolicy.model import (
    Change,
    DeclaredSource,
    Desired,
    Directory,
    Finding,
    Observed,
    Place,
    Written,
)
from graphpolicy.plan.changes import names_of
from graphpolicy.plan.make import Planned, make_plan
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.policyfile.assembly import PolicyFile, reread
from graphpolicy.policyfile.language import Language
from graphpolicy.policyfile.merge import merge
from graphpolicy.policyfile.pointers import pointer_of
from graphpolicy.policyfile.setting_edits import edits
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.policyfile.update_notes import Moves, list_moves, lost_comments, passkey_notes
from graphpolicy.policyfile.value_edits import Rewrite, Sides, UnsayableError
from graphpolicy.policyfile.yaml_edit import edited
from graphpolicy.policyfile.yaml_text import UneditableError
from graphpolicy.rules.passkeys import PROFILES

OVERWRITTEN = frozenset({"group-not-resolved", "unknown-passkey-profile"})
"""Rules about names that resolve to nothing. They may stay: the live value replaces the name."""

REPEATED = "method-repeated"
"""The rule about an unclear answer of Graph, which no edit of the file can solve."""

RENAME = (
    "in every file that names it, write the name that the tenant has now or remove it; then run "
    "this again"
)

ROUNDS = 4
"""More than any setting needs: a setting that refers to another takes two rounds."""

Reason = tuple[str, str]
"""Why a setting can't be updated, and what to do about it."""
LACKING: Reason = (
    "the tenant does not have it; it was deleted, renamed, or is still to be created",
    "leave it for an apply to create, write the name that it has now, or remove it from the files",
)


@dataclass(frozen=True, slots=True)
class UpdatedSetting:
    """A setting that now has the live value. `place` is in the new text.

    `overrides` is the place in a base that has `before`, None if the file itself had it. `moves`
    are the entries of a list that changed: (`+`, `-` or `~`, label).
    """

    name: str
    before: str
    after: str
    place: Place
    overrides: Place | None
    moves: Moves = ()


@dataclass(frozen=True, slots=True)
class Update:
    """The update of one file: its bytes before and after, and the differences that remain."""

    desired: Desired
    old: bytes
    new: bytes
    changed: tuple[UpdatedSetting, ...]
    left: tuple[Finding, ...]
    notes: tuple[str, ...]


@dataclass
class _Attempt:
    """One attempt to rewrite a file, without the settings in `reasons`, which can't be updated.

    `wrong` holds more such settings, found on the way: the next attempt leaves them out too.
    `done` holds the settings that were rewritten, with their original differences.
    """

    raw: bytes
    reasons: dict[Address, Reason]
    wrong: dict[Address, Reason] = field(default_factory=dict)
    done: dict[Address, tuple[Comparison, Change, Moves]] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Scene:
    """The policy to update, and the tenant that it must match."""

    desired: Desired
    observed: Observed
    directory: Directory
    plan_context: PlanContext

    def read(self, raw: bytes) -> PolicyFile:
        return reread(self.desired, raw, self.plan_context.facts)

    def planned(self, desired: Desired) -> tuple[Resolution, Planned]:
        resolution = resolve(desired, self.directory, self.observed)
        return resolution, make_plan(resolution, self.observed, self.directory, self.plan_context)


def update(
    desired: Desired,
    raw: bytes,
    observed: Observed,
    directory: Directory,
    plan_context: PlanContext,
) -> Update:
    """Rewrite the tenant's own file, which contains `raw`, so that a plan has no changes.

    `directory` must know the names in all files of the policy. If a name or a file has an error,
    nothing changes and `left` holds the findings.
    """
    scene = _Scene(desired, observed, directory, replace(plan_context, adopting=True))
    file = scene.read(raw)
    if file.desired is None:
        return Update(desired, raw, raw, (), file.findings, ())
    before, _ = scene.planned(file.desired)
    obstacles = tuple(found for found in before.errors if found.rule not in OVERWRITTEN)
    if obstacles:
        return Update(desired, raw, raw, (), obstacles, ())
    # Each attempt starts from the original text, because an edit that proves wrong can't be taken
    # back. The next attempt leaves its setting out, so there are only so many attempts.
    reasons: dict[Address, Reason] = {}
    while True:
        attempt = _attempt(scene, raw, reasons)
        new = scene.read(attempt.raw)
        if not attempt.wrong and new.desired:
            after, planned = scene.planned(new.desired)
            attempt.wrong = _dangling(attempt, before, after)
        if not attempt.wrong:
            break
        reasons = attempt.reasons | attempt.wrong
    return Update(
        desired,
        raw,
        attempt.raw,
        tuple(_changed(attempt, new)),
        (*after.errors, *_left(planned, attempt.reasons)),
        (
            *attempt.notes,
            *passkey_notes(file.desired, new.desired or file.desired, observed),
            *(f"{one.message}; {one.help}" for one in _repeated(planned) if one.level == "note"),
            *lost_comments(desired.file, raw, attempt.raw),
        ),
    )


def _rewrites(scene: _Scene, file: PolicyFile, planned: Planned) -> dict[str, Rewrite]:
    """What rewrites each resource, by its name in the file."""
    assert file.desired is not None  # noqa: S101 - only a sound file gets here
    own, below = file.declared[-1], merge(file.declared[:-1]).resources
    ids = Ids(file.desired, scene.directory, scene.observed)

    def tree(of: Sequence[DeclaredSource], title: str) -> Mapping[str, Written]:
        return next((one.tree for one in of if one.title == title), {})

    language = Language(scene.observed, scene.directory)
    return {
        title: Rewrite(
            language,
            pointer_of(comparison.declared),
            Sides(
                own=ids.tree(tree(own, title)),
                below=ids.tree(tree(below, title)),
                merged=ids.tree(tree(file.desired.resources, title)),
                own_written=tree(own, title),
                below_written=tree(below, title),
            ),
        )
        for comparison in planned.comparisons
        for title in [comparison.declared.title]
    }


def _settings(planned: Planned) -> Iterator[tuple[Address, Comparison, Difference, Change]]:
    """Every difference of a plan with the change that shows it."""
    changes = iter(planned.plan.changes)
    for comparison in planned.comparisons:
        for difference in comparison.differences:
            setting = (comparison.declared.title, difference.path)
            yield setting, comparison, difference, next(changes)


def _attempt(scene: _Scene, raw: bytes, reasons: Mapping[Address, Reason]) -> _Attempt:
    """Rewrite every setting that has no reason against it.

    A setting that refers to another, as targets refer to passkey profiles, takes a second round.
    """
    attempt = _Attempt(raw, dict(reasons))
    todo: dict[Address, Reason] = {}
    for _ in range(ROUNDS):
        file = scene.read(attempt.raw)
        if file.desired is None:
            attempt.wrong = _contradicting(attempt, file)
            return attempt
        _, planned = scene.planned(file.desired)
        rewrites = _rewrites(scene, file, planned)
        rolled = {(each.title, each.path): each.rollout for each in file.desired.rolled}
        names = names_of(scene.directory, planned.comparisons)
        data, todo = parse(attempt.raw, "").data, {}
        for setting, comparison, difference, change in _settings(planned):
            if setting in attempt.reasons:
                continue
            if name := rolled.get(setting):
                reason = f"the files take its people from the rollout '{name}', not from the tenant"
                attempt.reasons[setting] = (reason, "undo it with an apply, or change the waves")
                continue
            if not comparison.documents:
                attempt.reasons[setting] = LACKING
                continue
            rewrite = rewrites[comparison.declared.title]
            rewrite.notes.clear()
            try:
                found = edits(rewrite, difference, data)
                attempt.raw, data = edited(attempt.raw, data, found)
            except UnsayableError as error:
                attempt.reasons[setting] = (error.text, error.help)
            except UneditableError:
                reason = "this part of the file can't be edited without changing something else"
                attempt.reasons[setting] = (reason, rewrite.by_hand(difference))
            else:
                reason = "editing the file did not make it match the tenant"
                todo[setting] = (reason, rewrite.by_hand(difference))
                moves = list_moves(difference, names)
                attempt.done.setdefault(setting, (comparison, change, moves))
                attempt.notes |= dict.fromkeys(rewrite.notes)
        if not todo:
            return attempt
    attempt.wrong = todo
    return attempt


def _contradicting(attempt: _Attempt, new: PolicyFile) -> dict[Address, Reason]:
    """The settings that made the file contradict itself; all of them if that is not clear."""
    errors = [found for found in new.findings if found.level == "error"]
    wrong = {
        (title, path): (f"with the tenant's value {found.message} ({found.rule})", found.help)
        for found in errors
        for title, path in attempt.done
        if found.resource == title
        and all(one == other for one, other in zip(path, found.path.split("."), strict=False))
    }
    if wrong:
        return wrong
    reason = (f"with the tenant's values {errors[0].message} ({errors[0].rule})", errors[0].help)
    return dict.fromkeys(attempt.done, reason)


def _dangling(attempt: _Attempt, before: Resolution, after: Resolution) -> dict[Address, Reason]:
    """The renamed settings that something else still refers to by the old name."""
    known = {(found.rule, found.message) for found in before.errors}
    new = [found for found in after.errors if (found.rule, found.message) not in known]
    for found in new:
        own = [setting for setting in attempt.done if found.resource in ("", setting[0])]
        named = [setting for setting in own if setting[1] == (PROFILES,)]
        if named:
            return dict.fromkeys(named, (found.message, RENAME))
        return dict.fromkeys(own or attempt.done, (found.message, found.help))
    return {}


def _repeated(planned: Planned) -> list[Finding]:
    """The findings about methods that an answer of Graph repeats."""
    return [found for found in planned.plan.findings if found.rule == REPEATED]


def _left(after: Planned, reasons: Mapping[Address, Reason]) -> Iterator[Finding]:
    """What a plan would still find: differences, and what this tenant does not offer."""
    told = (*(found for one in after.comparisons for found in one.findings), *_repeated(after))
    yield from (found for found in told if found.level == "error")
    for setting, comparison, _, change in _settings(after):
        reason, help_ = reasons[setting]
        message = f"{comparison.declared.title}.{change.path} could not be updated: {reason}"
        yield Finding(
            "not-updated", "error", message, help_, change.resource, change.path, change.source
        )


def _changed(attempt: _Attempt, new: PolicyFile) -> Iterator[UpdatedSetting]:
    for (title, path), (comparison, change, moves) in attempt.done.items():
        place = new.layer.document.key_place((*pointer_of(comparison.declared), *path))
        base = change.source if change.source and change.source.file != place.file else None
        name = f"{title}.{change.path}"
        yield UpdatedSetting(name, change.after_label, change.before_label, place, base, moves)
