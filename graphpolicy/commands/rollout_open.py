"""rollout open: set the open wave in a tenant's own file; no other byte of it changes."""

from __future__ import annotations

from graphpolicy.model import Desired, Finding, Rollout
from graphpolicy.model.did_you_mean import question
from graphpolicy.model.errors import InputError, UsageError
from graphpolicy.policyfile.assembly import reread
from graphpolicy.policyfile.files import read_bytes, replace_bytes
from graphpolicy.policyfile.rollout_declarations import KEY
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.policyfile.yaml_edit import edited
from graphpolicy.policyfile.yaml_text import Edit, UneditableError


def open_wave(desired: Desired, name: str, wave: str | None) -> str:
    """Open a wave in the file, by default the next one; returns its name.

    Raises:
        UsageError: the policy has no such rollout or wave, or all its waves are open.
        InputError: the file can't be edited.
    """
    rollout = _rollout(desired, name)
    wave = wave or _following(rollout)
    names = [each.name for each in rollout.waves]
    if wave not in names:
        near = question(wave, names) or f"it has {', '.join(names)}"
        raise UsageError(f"the rollout {name!r} has no wave {wave!r}", near)
    old = read_bytes(desired.file)
    if isinstance(old, Finding):
        raise InputError(f"{desired.file} {old.message}", old.help)
    new = with_open(desired, old, name, wave)
    if problem := replace_bytes(desired.file, old, new):
        raise InputError(f"{desired.file} {problem.message}", problem.help)
    return wave


def with_open(desired: Desired, raw: bytes, name: str, wave: str) -> bytes:
    """The bytes of a tenant's file with this wave as the last open one.

    Raises:
        InputError: the file can't be edited.
    """
    by_hand = f"write it by hand: {KEY}: {{{name}: {{open: {wave}}}}}"
    try:
        new, _ = edited(raw, parse(raw, desired.file).data, [Edit((KEY, name, "open"), wave)])
    except UneditableError as error:
        why = f"{desired.file} is written in a form in which this value can't be edited by itself"
        raise InputError(why, by_hand) from error
    again = reread(desired, new).desired
    if again is None or _rollout(again, name).open != wave:
        raise InputError(f"{desired.file} would not be a valid policy with that wave open", by_hand)
    return new


def _rollout(desired: Desired, name: str) -> Rollout:
    known = {each.name: each for each in desired.rollouts}
    if name not in known:
        near = question(name, known) or f"it has {', '.join(known) or 'none'}"
        raise UsageError(f"{desired.file} has no rollout {name!r}", near)
    return known[name]


def _following(rollout: Rollout) -> str:
    if rollout.opened == len(rollout.waves):
        raise UsageError(
            f"all waves of the rollout {rollout.name!r} are open", "there is nothing to open"
        )
    return rollout.waves[rollout.opened].name
