"""A tenant's own file brought in line with the tenant: what differs changes, all else stays.

The result is proved before anybody writes it: the new text is read as any policy is, and planned
against the same answers of Graph. What that plan still finds is what could not be brought in line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graphpolicy.diff import Comparison, Difference
from graphpolicy.model import (
    Change,
    Declared,
    Desired,
    Directory,
    Finding,
    Json,
    Observed,
    Path,
    Place,
)
from graphpolicy.plan import Occasion, Planned, make_plan
from graphpolicy.policyfile.edit import comments, edited
from graphpolicy.policyfile.language import Language
from graphpolicy.policyfile.load import File, reread
from graphpolicy.policyfile.merge import merge
from graphpolicy.policyfile.pointers import pointer_of
from graphpolicy.policyfile.rewrite import Rewrite, Sides, UnsayableError
from graphpolicy.policyfile.splice import UneditableError
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.policyfile.wording import shown
from graphpolicy.resolve import Resolution, resolve

OVERWRITTEN = frozenset({"group-not-resolved", "unknown-passkey-profile"})
"""Names without a meaning, which are no obstacle where the live value takes their place."""

Setting = tuple[str, Path]
"""What a file calls a resource, and a path in it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A setting that now says what is live. `place` is in the new text.

    `overrides` is where a base says `before`, None where the file itself did.
    """

    name: str
    before: str
    after: str
    place: Place
    overrides: Place | None


@dataclass(frozen=True, slots=True)
class Update:
    """What becomes of one file: its bytes before and after, and the differences that stay."""

    desired: Desired
    old: bytes
    new: bytes
    changed: tuple[Changed, ...]
    left: tuple[Finding, ...]
    notes: tuple[str, ...]


@dataclass
class _Attempt:
    """One way to rewrite a file: without the settings in `reasons`, which can't be said."""

    raw: bytes
    data: Json
    reasons: dict[Setting, tuple[str, str]]
    done: set[Setting] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)


def update(
    desired: Desired,
    raw: bytes,
    observed: Observed,
    directory: Directory,
    occasion: Occasion,
) -> Update:
    """Rewrite the policy whose own file holds `raw`, so that planning it finds nothing.

    `directory` must know the names in all of the policy's files. Where one of those no longer fits
    the others, nothing changes.
    """
    file = reread(desired, raw, occasion.facts)
    if file.desired is None:
        return Update(desired, raw, raw, (), file.findings, ())
    resolution, planned = _planned(file.desired, observed, directory, occasion)
    obstacles = tuple(found for found in resolution.errors if found.rule not in OVERWRITTEN)
    if obstacles:
        return Update(desired, raw, raw, (), obstacles, ())
    rewrites = _rewrites(file, planned, observed, directory)
    reasons: dict[Setting, tuple[str, str]] = {}
    while True:
        attempt = _attempt(raw, planned, rewrites, reasons)
        new = reread(desired, attempt.raw, occasion.facts)
        if new.desired is None:
            reasons = attempt.reasons | _wrong(attempt, new)
            continue
        resolution, after = _planned(new.desired, observed, directory, occasion)
        unmoved = _unmoved(attempt, after)
        if not unmoved:
            break
        reasons = attempt.reasons | unmoved
    return Update(
        desired,
        raw,
        attempt.raw,
        tuple(_changed(planned, attempt.done, new)),
        (*resolution.errors, *_left(after, attempt.reasons)),
        (*attempt.notes, *_lost(desired.file, raw, attempt.raw)),
    )


def _planned(
    desired: Desired, observed: Observed, directory: Directory, occasion: Occasion
) -> tuple[Resolution, Planned]:
    resolution = resolve(desired, directory, observed)
    return resolution, make_plan(resolution, observed, directory, occasion)


def _rewrites(
    file: File, planned: Planned, observed: Observed, directory: Directory
) -> dict[str, Rewrite]:
    """By what the file calls a resource: what rewrites it."""
    assert file.desired is not None  # noqa: S101 - only a sound file gets here
    own, below = file.declared[-1], merge(file.declared[:-1]).resources
    together = replace(file.desired, resources=(*file.desired.resources, *own, *below))
    resolved = resolve(together, directory, observed).desired.resources
    start, end = len(file.desired.resources), len(file.desired.resources) + len(own)

    def tree(of: Sequence[Declared], title: str) -> Mapping[str, Json]:
        return next((one.tree for one in of if one.title == title), {})

    language = Language(observed, directory)
    return {
        title: Rewrite(
            language,
            pointer_of(comparison.declared),
            Sides(
                own=tree(resolved[start:end], title),
                below=tree(resolved[end:], title),
                merged=tree(resolved[:start], title),
                own_written=tree(own, title),
                below_written=tree(below, title),
            ),
        )
        for comparison in planned.comparisons
        for title in [comparison.declared.title]
    }


def _settings(planned: Planned) -> Iterator[tuple[Setting, Comparison, Difference, Change]]:
    """Every difference of a plan with the change that shows it."""
    changes = iter(planned.plan.changes)
    for comparison in planned.comparisons:
        for difference in comparison.differences:
            setting = (comparison.declared.title, difference.path)
            yield setting, comparison, difference, next(changes)


def _attempt(
    raw: bytes,
    planned: Planned,
    rewrites: Mapping[str, Rewrite],
    reasons: Mapping[Setting, tuple[str, str]],
) -> _Attempt:
    """Rewrite every setting but those that have a reason not to be."""
    attempt = _Attempt(raw, parse(raw, "").data, dict(reasons))
    for setting, comparison, difference, _ in _settings(planned):
        if setting in reasons:
            continue
        rewrite = rewrites[comparison.declared.title]
        rewrite.notes.clear()
        try:
            edits = rewrite.edits(difference, attempt.data)
            attempt.raw, attempt.data = edited(attempt.raw, attempt.data, edits)
        except UnsayableError as error:
            attempt.reasons[setting] = (error.reason, error.help)
        except UneditableError:
            reason = "the file's form there can't be changed without touching something else"
            attempt.reasons[setting] = (reason, "change it by hand")
        else:
            attempt.done.add(setting)
            attempt.notes += rewrite.notes
    return attempt


def _wrong(attempt: _Attempt, new: File) -> dict[Setting, tuple[str, str]]:
    """The settings that made the file contradict itself; all of them if it can't be told which."""
    errors = [found for found in new.findings if found.level == "error"]
    wrong = {
        (title, path): (f"with the tenant's value {found.message}", found.help)
        for found in errors
        for title, path in attempt.done
        if found.resource == title
        and all(one == other for one, other in zip(path, found.path.split("."), strict=False))
    }
    if wrong:
        return wrong
    reason = (f"with the tenant's values {errors[0].message}", errors[0].help)
    return dict.fromkeys(attempt.done, reason)


def _unmoved(attempt: _Attempt, after: Planned) -> dict[Setting, tuple[str, str]]:
    """The settings that were rewritten and still differ."""
    left = {setting for setting, *_ in _settings(after)}
    reason = ("rewriting it does not bring it in line", "change it by hand")
    return dict.fromkeys(attempt.done & left, reason)


def _left(after: Planned, reasons: Mapping[Setting, tuple[str, str]]) -> Iterator[Finding]:
    """What a plan would still find: differences, and what this tenant can't have."""
    for comparison in after.comparisons:
        yield from (found for found in comparison.findings if found.level == "error")
    for setting, comparison, _, change in _settings(after):
        reason, help_ = reasons[setting]
        message = (
            f"{comparison.declared.title}.{change.path} could not be brought in line: {reason}"
        )
        yield Finding(
            "not-updated", "error", message, help_, change.resource, change.path, change.source
        )


def _changed(planned: Planned, done: set[Setting], new: File) -> Iterator[Changed]:
    for (title, path), comparison, _, change in _settings(planned):
        if (title, path) in done:
            place = new.layer.document.key_place((*pointer_of(comparison.declared), *path))
            base = change.source if change.source and change.source.file != place.file else None
            name = f"{title}.{change.path}"
            yield Changed(name, change.after_label, change.before_label, place, base)


def _lost(file: str, old: bytes, new: bytes) -> Iterator[str]:
    """The comments that went with what they were about."""
    kept = Counter(text for _, text in comments(new))
    for line, text in comments(old):
        if kept[text]:
            kept[text] -= 1
        else:
            yield f"{file}:{line}: the comment {shown(text)} went with its line"
