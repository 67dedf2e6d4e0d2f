"""The guards on rollouts: a wave opened too early, over another one, or closed again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from graphpolicy.model import EVERYONE, Finding, Gate, RolloutFacts, Unread, Wave, WavePeople
from graphpolicy.rollouts.gates import fallen
from graphpolicy.rollouts.status import Closing, Opening

AT = "rollouts"


def wave_findings(
    opening: Iterable[Opening],
    closing: Iterable[Closing],
    judged: Mapping[tuple[str, str], Iterable[Gate]],
    facts: Mapping[str, RolloutFacts],
    *,
    names: Mapping[str, str],
    offline: bool,
) -> Iterator[Finding]:
    """What is wrong with opening or closing these waves, and a note for each that is ready.

    `judged` are the gates of each wave by rollout and wave, `names` of groups are by folded id.
    """
    for _, some in groupby(opening, lambda each: each.rollout.name):
        opened = list(some)
        if len(opened) > 1:
            yield _skipped(opened)
        for each in opened:
            waits = list(judged[each.rollout.name, each.wave.name])
            if unmet := [gate for gate in waits if not gate.met]:
                yield _not_ready(each, unmet)
            if offline:
                yield _not_verified(each)
                continue
            known = facts.get(each.rollout.name, RolloutFacts())
            if not unmet:
                yield _opens(each, waits, known.people.get(each.wave.name))
            yield from _left_behind(each, known)
    for gone in closing:
        yield _closed(gone, names)


def fallen_waves(open_: Iterable[Opening], facts: Mapping[str, RolloutFacts]) -> Iterator[Finding]:
    """A note for each open wave that would not be opened today: it stays open."""
    for each in open_:
        name, wave = each.rollout.name, each.wave
        people = facts.get(name, RolloutFacts()).people.get(wave.name)
        if why := fallen(wave, people):
            yield Finding(
                "wave-fallen",
                "note",
                f"the wave {wave.name!r} of the rollout {name!r} stays open: {why}",
                "ask the people who are missing to register (`graphpolicy rollout --csv FILE` "
                "lists them), or go back one wave by hand",
                path=_path(name),
                source=wave.place,
            )


def _path(rollout: str) -> str:
    return f"{AT}.{rollout}"


def _skipped(opened: list[Opening]) -> Finding:
    *before, last = opened
    waves = " and ".join(repr(each.wave.name) for each in before)
    name = last.rollout.name
    return Finding(
        "wave-skipped",
        "error",
        f"the rollout {name!r} opens {last.wave.name!r} and skips {waves}",
        f"open one wave at a time: open: {before[0].wave.name}; if they were already open, give "
        "the earlier files with --base",
        path=_path(name),
        source=last.wave.place,
    )


def _not_ready(opening: Opening, unmet: list[Gate]) -> Finding:
    name, wave = opening.rollout.name, opening.wave
    before = opening.earlier[-1].name if opening.earlier else ""
    stay = f"keep open: {before}" if before else "remove open"
    return Finding(
        "wave-not-ready",
        "error",
        f"the rollout {name!r} opens the wave {wave.name!r} too early: "
        + "; ".join(gate.why for gate in unmet),
        f"{stay} until the wave is ready; `graphpolicy rollout` shows what it waits for",
        path=_path(name),
        source=wave.place,
    )


def _not_verified(opening: Opening) -> Finding:
    name, wave = opening.rollout.name, opening.wave
    return Finding(
        "wave-not-ready",
        "warning",
        f"the rollout {name!r} opens the wave {wave.name!r}, and it is not verified that the wave "
        "is ready: a snapshot does not show it. So the plan has no digest",
        "plan from the tenant itself",
        path=_path(name),
        source=wave.place,
    )


def _opens(opening: Opening, waits: list[Gate], people: WavePeople | Unread | None) -> Finding:
    name, wave = opening.rollout.name, opening.wave
    size = f" for {people.people:,} people" if isinstance(people, WavePeople) else ""
    return Finding(
        "wave-opens",
        "note",
        f"the rollout {name!r} opens the wave {wave.name!r}{size}: "
        + "; ".join(gate.why for gate in waits),
        path=_path(name),
        source=wave.place,
    )


def _left_behind(opening: Opening, facts: RolloutFacts) -> Iterator[Finding]:
    """People of earlier waves who would lose a setting that takes one target."""
    wave, name = opening.wave, opening.rollout.name
    last = len(opening.earlier) + 1 == opening.rollout.opened  # a target is that of the last one
    if not (opening.single and opening.earlier and last) or wave.target == EVERYONE:
        return
    known = facts.people.get(wave.name)
    fix = (
        f"add them to the group of {wave.name!r} too, for example by adding their group as a member"
    )
    if known is None or isinstance(known, Unread) or known.left is None:
        why = known.why if isinstance(known, Unread) else "the members were not read"
        message = (
            f"it is not verified that everybody in the earlier waves is in {wave.name!r}: {why}"
        )
    elif known.left:
        who = "1 person" if known.left == 1 else f"{known.left:,} people"
        is_ = "is" if known.left == 1 else "are"
        message = (
            f"{who} in the earlier waves {is_} not in {wave.name!r}, and a setting of the rollout "
            f"{name!r} takes one target: they would lose that setting"
        )
    else:
        return
    yield Finding(
        "wave-leaves-behind", "warning", message, fix, path=_path(name), source=wave.place
    )


def _closed(gone: Closing, names: Mapping[str, str]) -> Finding:
    to = f"back to {gone.now.open!r}" if gone.now and gone.now.opened else "back to its beginning"
    gone_is = "is no longer in the files" if gone.now is None else f"goes {to}"
    waves = ", ".join(
        f"{wave.name!r} ({who})" if (who := _who(wave, names)) else repr(wave.name)
        for wave in gone.waves
    )
    return Finding(
        "wave-closed",
        "warning",
        f"the rollout {gone.name!r} {gone_is}: the people of {waves} are left out again unless a "
        "setting names them itself; where the files no longer set anything, they keep what the "
        "tenant has",
        "make sure that this is intended; a wave that is open stays open when its numbers fall",
        path=_path(gone.name),
        source=gone.now.place if gone.now else None,
    )


def _who(wave: Wave, names: Mapping[str, str]) -> str:
    if wave.target == EVERYONE:
        return "everyone"
    id_ = wave.target if isinstance(wave.target, str) else wave.target.id
    name = names.get(str(id_).casefold()) or getattr(wave.target, "name", "")
    return name or str(id_)
