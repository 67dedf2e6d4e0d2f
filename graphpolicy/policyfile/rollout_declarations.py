"""`rollouts`: waves of people, as files write them. A tenant may alter those of its bases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import Target
from graphpolicy.model import EVERYONE, Alias, Finding, Json, Place, Rollout, Wave, Written
from graphpolicy.model.command import argument, command
from graphpolicy.model.did_you_mean import question
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member
from graphpolicy.policyfile.aliases import Groups, unknown_alias
from graphpolicy.policyfile.declarations import target
from graphpolicy.policyfile.expectations import REGISTERED, is_day, no_method, not_told
from graphpolicy.policyfile.merge import Layer, same_group
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.wording import in_braces, shown
from graphpolicy.rollouts.expansion import Expanded

KEY = "rollouts"
NEEDED = ("target", "from")


@dataclass
class _Written:
    """A map of all files together: each member with the value that counts, and the document that
    has it.
    """

    document: Document
    at: Pointer
    members: dict[str, tuple[Json, Document, Pointer]] = field(default_factory=dict)

    def lay(self, document: Document, at: Pointer, data: Mapping[str, Json]) -> None:
        for name, value in data.items():
            self.members[name] = (value, document, (*at, name))

    def get(self, name: str) -> Json:
        return self.members[name][0] if name in self.members else None


def rollouts(
    layers: Sequence[Layer], groups: Groups, file: str
) -> tuple[tuple[Rollout, ...], tuple[Finding, ...]]:
    """The rollouts of all files together, and what is wrong with them.

    `file` is the tenant's file, for messages. Waves of one name merge; a new one is the last.
    """
    reader = _Reader(groups, file)
    for layer in layers:
        for name, data in (layer.data.get(KEY) or {}).items():
            reader.add(layer.document, name, data)
    return tuple(reader.rollouts()), tuple(reader.findings)


class _Reader:
    """Lays the files over each other, lowest first; collects findings."""

    def __init__(self, groups: Groups, file: str) -> None:
        self.groups = groups
        self.file = file
        self.findings: list[Finding] = []
        self.found: dict[str, tuple[_Written, dict[str, _Written]]] = {}
        self.torn: set[str] = set()
        """Rollouts of which a part is wrong and has a finding: they are not compared."""

    def add(self, document: Document, name: str, data: Mapping[str, Json]) -> None:
        at = (KEY, name)
        whole, waves = self.found.setdefault(name, (_Written(document, at), {}))
        whole.lay(document, at, {key: value for key, value in data.items() if key != "waves"})
        written = member(document.data, *at)
        if isinstance(written, dict) and "waves" in written and "waves" not in data:
            self.torn.add(name)
        seen: set[str] = set()
        for index, entry in enumerate(data.get("waves") or ()):
            here = (*at, "waves", index)
            wave = entry and entry.get("name")
            if not wave:
                self.torn.add(name)
                continue
            if wave in seen:
                message = f"rollout {shown(name)} has the wave {shown(wave)} twice"
                self.find(document, here, "duplicate-entry", message, "keep one of the two")
                continue
            seen.add(wave)
            waves.setdefault(wave, _Written(document, here)).lay(document, here, entry)

    def rollouts(self) -> Iterator[Rollout]:
        for name, (whole, waves) in self.found.items():
            before = len(self.findings)
            read = [self.wave(name, wave) for wave in waves.values()]
            opened = whole.get("open") or ""
            if name in self.torn:
                pass
            elif not waves:
                fix = "add waves: [{name: pilot, target: {group: NAME}, from: YYYY-MM-DD}]"
                message = f"rollout {shown(name)} has no waves"
                self.find(whole.document, whole.at, "missing-key", message, fix)
            elif opened and opened not in waves:
                _, document, at = whole.members["open"]
                message = f"rollout {shown(name)} has no wave {shown(opened)} to open"
                fix = question(opened, waves) or f"it has {', '.join(map(shown, waves))}"
                self.find(document, at, "unknown-wave", message, fix)
            elif len(self.findings) == before:
                self.compare(name, [wave for wave in read if wave], [*waves.values()])
            place = whole.document.key_place(whole.at)
            if "open" in whole.members:
                _, document, at = whole.members["open"]
                place = document.key_place(at)
            yield Rollout(name, tuple(wave for wave in read if wave), opened, place)

    def wave(self, rollout: str, written: _Written) -> Wave | None:
        """One wave; None if it has no target or no day, which is a finding."""
        name = written.get("name")
        missing = [key for key in NEEDED if key not in written.members]
        if missing:
            message = f"wave {shown(name)} of rollout {shown(rollout)} has no {missing[0]}"
            fix = {
                "target": "add target: {group: NAME}, or all_users",
                "from": "add its first day: from: YYYY-MM-DD",
            }[missing[0]]
            self.find(written.document, written.at, "missing-key", message, fix)
            return None
        day, document, at = written.members["from"]
        if not is_day(day):
            message = f"from is {shown(day)}, which is not a date"
            self.find(document, at, "bad-format", message, "write the first day as YYYY-MM-DD")
        who = self.target(*written.members["target"])
        needs = written.get("needs") or {}
        registered = needs.get("registered") or {}
        method = registered.get("method", "")
        if method and method not in REGISTERED:
            _, document, at = written.members["needs"]
            at = (*at, "registered", "method")
            known = method in RESOURCES and RESOURCES[method].is_method
            fix = f"write one of {', '.join(sorted(REGISTERED))}"
            self.findings.append(
                not_told(document, at, method, fix) if known else no_method(document, at, method)
            )
        if who is None:
            return None
        return Wave(
            name,
            who,
            day,
            method,
            registered.get("atLeast", 0),
            needs.get("soakDays", 0),
            needs.get("noDrift", False),
            written.document.place(written.at),
        )

    def target(self, data: Json, document: Document, at: Pointer) -> Written:
        """The people that a wave is for; None with a finding if that is not clear."""
        before = len(self.findings)
        id_ = target(data, Target(), document, at, self.findings.append)["id"]
        if isinstance(id_, Alias):
            if id_.name not in self.groups.meaning and self.groups.whole:
                self.findings.append(unknown_alias(id_, self.groups, "", self.file))
            id_ = self.groups.meaning.get(id_.name)
        return None if len(self.findings) > before else id_

    def compare(self, name: str, waves: Sequence[Wave], written: Sequence[_Written]) -> None:
        """Find waves that can't follow each other."""
        for index, wave in enumerate(waves[1:], 1):
            before = waves[index - 1]
            whose = f"wave {shown(wave.name)} of rollout {shown(name)}"
            if wave.since < before.since:
                _, document, at = written[index].members["from"]
                message = f"{whose} begins on {wave.since}, before {shown(before.name)} on "
                message += before.since
                fix = "write the waves in the order of their days"
                self.find(document, at, "waves-contradict", message, fix)
            same = next((each for each in waves[:index] if _same(each, wave)), None)
            everyone = next((each for each in waves[:index] if each.target == EVERYONE), None)
            _, document, at = written[index].members["target"]
            if same:
                message = f"{whose} has the people of the wave {shown(same.name)}"
                fix = "give each wave people of its own, or remove one of the two"
                self.find(document, at, "waves-contradict", message, fix)
            elif everyone:
                message = f"{whose} comes after {shown(everyone.name)}, which is for everyone"
                fix = "put the wave of all_users last"
                self.find(document, at, "waves-contradict", message, fix)

    def find(self, document: Document, at: Pointer, rule: str, message: str, fix: str) -> None:
        self.findings.append(finding(document, at, rule, message, fix))


def _same(one: Wave, other: Wave) -> bool:
    sides = [{"targetType": "group", "id": wave.target} for wave in (one, other)]
    return same_group(*sides)


def misused(
    layers: Iterable[Layer], found: Expanded, waves: Iterable[Rollout], file: str
) -> Iterator[Finding]:
    """Rollouts that settings name and no file defines, those that no setting names, and what is
    left alone until they begin. `file` is the tenant's file, for messages.
    """
    defined: dict[str, Place] = {}
    whole = True
    for layer in layers:
        data = layer.document.data
        written = data.get(KEY, {}) if isinstance(data, dict) else {}
        whole = whole and isinstance(written, dict)
        for name in written if isinstance(written, dict) else ():  # sound or not
            defined.setdefault(name, layer.document.key_place((KEY, name)))
    for ref in dict.fromkeys(found.used) if whole else ():
        if ref.name not in defined:
            message = f"{shown(ref.name)} is not a rollout in the rollouts of {file}"
            define = f"define it: rollouts: {{{in_braces(ref.name)}: {{waves: […]}}}}"
            fix = question(ref.name, defined) or define
            yield Finding("unknown-rollout", "error", message, fix, source=ref.place)
    used = {ref.name for ref in found.used}
    for name, place in defined.items():
        if name not in used:
            message = f"no setting uses the rollout {shown(name)}, so its waves change nothing"
            fix = f"write {{rollout: {in_braces(name)}}} as a target, or remove it"
            near = question(name, used - defined.keys())
            yield Finding("rollout-unused", "warning", message, near or fix, source=place)
    waiting = {each.name for each in waves if not each.open}  # else it has a finding of its own
    for each in found.waiting:
        if each.rollout in waiting:
            what = ".".join((each.title, *each.path))
            message = f"{what} is left as it is: the rollout {shown(each.rollout)} has not begun"
            fix = f"open its first wave: {command('rollout', 'open', *argument(each.rollout))}"
            path = ".".join(each.path)
            yield Finding("rollout-not-begun", "note", message, fix, each.title, path, each.place)
