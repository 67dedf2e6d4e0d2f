"""How strict the guards are. A policy may raise a level or set a number, never lower a level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace

from graphpolicy.model import Finding, Json, Level
from graphpolicy.model.records import dataclass
from graphpolicy.rules.table import RULES

ORDER = ("off", "note", "warning", "error")
LEVELS: Mapping[str, Level] = {"note": "note", "warning": "warning", "error": "error"}
AT_MOST: Mapping[str, int] = {"too-many-changes": 30}
"""The guards that count, and the highest number that they allow by default."""

REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Levels:
    """What a policy's `guards` set: levels and numbers by rule, and which must count people."""

    levels: Mapping[str, Level] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    counting: frozenset[str] = frozenset()

    def at_most(self, rule: str) -> int:
        """The highest number that a guard that counts allows."""
        return self.numbers.get(rule, AT_MOST[rule])

    def required(self, rule: str) -> bool:
        """Whether a plan must count people for this guard."""
        return rule in self.counting

    def raised(self, finding: Finding) -> Finding:
        """The finding at the level that the policy sets, if that is stricter."""
        wanted = self.levels.get(finding.rule, finding.level)
        return replace(finding, level=max(finding.level, wanted, key=ORDER.index))


@dataclass(frozen=True, slots=True)
class Misuse:
    """What is wrong with one line of `guards`: the rule it names, the message, and the fix."""

    rule: str
    message: str
    fix: str


def read_levels(data: Mapping[str, Json]) -> tuple[Levels, tuple[Misuse, ...]]:
    """Read `guards`: `RULE: LEVEL`, or an object for guards that count.

    `{atMost: N}` for one that counts changes, `{required: true}` for one that counts people.
    """
    wrong = tuple(_misuses(data))
    bad = {misuse.rule for misuse in wrong}
    sound = {rule: value for rule, value in data.items() if rule not in bad}
    return (
        Levels(
            {rule: LEVELS[value] for rule, value in sound.items() if isinstance(value, str)},
            {rule: value["atMost"] for rule, value in sound.items() if _has(value, "atMost")},
            frozenset(rule for rule, value in sound.items() if _has(value, REQUIRED)),
        ),
        wrong,
    )


def strictest(several: Iterable[Mapping[str, Json]]) -> dict[str, Json]:
    """The `guards` of a file and its bases together: the stricter of each."""
    result: dict[str, Json] = {}
    for data in several:
        for rule, value in data.items():
            other = result.get(rule, value)
            if isinstance(value, Mapping) and isinstance(other, Mapping):
                result[rule] = min(value, other, key=lambda one: int(one.get("atMost", 0)))
            elif isinstance(value, str) and isinstance(other, str):
                result[rule] = max(value, other, key=ORDER.index)
            else:
                result[rule] = value
    return result


def _has(value: Json, name: str) -> bool:
    return isinstance(value, Mapping) and name in value


def _misuses(data: Mapping[str, Json]) -> Iterator[Misuse]:
    for rule, value in data.items():
        row = RULES.get(rule)
        if row is None or row.kind != "guard":
            what = "is not a rule" if row is None else "is a rule whose level is fixed"
            yield Misuse(
                rule, f"{rule!r} {what}", "name a guard; `graphpolicy explain --all` lists them"
            )
        elif isinstance(value, Mapping):
            number = value.get("atMost")
            if row.counted:
                if value != {REQUIRED: True}:
                    fix = f"write {rule}: {{required: true}}"
                    yield Misuse(rule, f"{rule!r} takes only required: true", fix)
            elif rule not in AT_MOST:
                counting = ", ".join(AT_MOST)
                yield Misuse(rule, f"{rule!r} does not count", f"atMost is for {counting}")
            elif set(value) != {"atMost"} or type(number) is not int or number < 0:
                yield Misuse(rule, f"{rule!r} takes a number", f"write {rule}: {{atMost: 10}}")
        elif value not in LEVELS:
            yield Misuse(rule, f"{rule!r} can't be {value!r}", "write note, warning or error")
        elif ORDER.index(value) < ORDER.index(row.level):
            yield Misuse(
                rule,
                f"{rule!r} is of level {row.level}, and a policy can't lower it to {value}",
                "remove the line; accept single findings with `acknowledge`",
            )
