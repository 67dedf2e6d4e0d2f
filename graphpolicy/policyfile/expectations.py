"""`expect`: which people must be able to use which methods, as files write it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from graphpolicy import model
from graphpolicy.catalogue import METHODS, RESOURCES
from graphpolicy.catalogue.kinds import Target
from graphpolicy.catalogue.registered import KINDS, registers
from graphpolicy.compare.documents import kind_of, known_as
from graphpolicy.model import EXTERNAL, Declared, Expectation, Finding, Json, Written
from graphpolicy.model.did_you_mean import closest, plain
from graphpolicy.policyfile.aliases import Groups, unknown_alias
from graphpolicy.policyfile.declarations import target
from graphpolicy.policyfile.merge import Layer
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.wording import OTHER_KEYS, in_braces, shown

KEY = "expect"
LISTS = ("canUse", "cannotUse", "has")
REGISTERED = frozenset(name for kind in KINDS for name in registers(kind)) - {EXTERNAL}
"""Methods for which Graph says who has registered them; it has one name for all external ones."""
SUGGESTED = 100
"""How many mistyped methods get a suggestion: each is compared with every method."""
OPPOSITE = {"canUse": "cannotUse", "cannotUse": "canUse"}


def expectations(
    layers: Iterable[Layer], named: Collection[str], groups: Groups, file: str
) -> tuple[tuple[Expectation, ...], tuple[Finding, ...]]:
    """The expectations of all files together, and what is wrong with them.

    `named` are the external methods that the policy lists, `file` is the tenant's file.
    """
    reader = _Reader(named, groups, file)
    found = [
        expectation
        for layer in layers
        for index, entry in enumerate(layer.data.get(KEY) or ())
        if entry is not None
        and (expectation := reader.expectation(layer.document, (KEY, index), entry))
    ]
    return tuple(found), tuple(reader.findings)


class _Reader:
    """Reads the entries of a policy's files, lowest first; collects findings."""

    def __init__(self, named: Collection[str], groups: Groups, file: str) -> None:
        self.named = named
        self.groups = groups
        self.file = file
        self.findings: list[Finding] = []
        self.seen: dict[tuple[Json, ...], tuple[Document, Pointer]] = {}
        """Where each expectation of one method is, by (who, list, method)."""

    def expectation(
        self, document: Document, at: Pointer, entry: Mapping[str, Json]
    ) -> Expectation | None:
        before = len(self.findings)
        who = self.who(document, at, entry)
        lists = {name: self.methods(document, (*at, name), entry.get(name) or ()) for name in LISTS}
        if not any(entry.get(name) for name in LISTS):
            fix = f"add {', '.join(LISTS[:-1])} or {LISTS[-1]}, each a list of methods"
            self.find(document, at, "bad-value", "an entry of expect expects nothing", fix)
        day = entry.get("from", "")
        if day and not is_day(day):
            message = f"from is {shown(day)}, which is not a date"
            fix = "write the first day as YYYY-MM-DD"
            self.find(document, (*at, "from"), "bad-format", message, fix)
        if len(self.findings) > before or who is None:
            return None
        self.compare(document, at, who, lists)
        return Expectation(
            who,
            lists["canUse"],
            lists["cannotUse"],
            lists["has"],
            person="person" in entry,
            since=day,
            reason=entry.get("reason", ""),
            owner=entry.get("owner", ""),
            text=flow(entry),
            place=document.place(at),
        )

    def who(self, document: Document, at: Pointer, entry: Mapping[str, Json]) -> Written:
        """All users, a group or a person; None and a finding if the entry does not name exactly
        one.
        """
        given = [name for name in ("people", "person") if name in entry]
        if len(given) != 1:
            has = "names both people and a person" if given else "does not say who it is about"
            fix = "write two entries" if given else "add people: {group: NAME} or all_users, "
            fix += "" if given else "or person: NAME"
            self.find(document, at, "bad-value", f"an entry of expect {has}", fix)
            return None
        if given == ["person"]:
            return entry["person"]
        at = (*at, "people")
        id_ = target(entry["people"], Target(), document, at, self.findings.append)["id"]
        if not isinstance(id_, model.Alias):
            return id_
        if id_.name not in self.groups.meaning and self.groups.whole:
            self.findings.append(unknown_alias(id_, self.groups, "", self.file))
        return self.groups.meaning.get(id_.name)

    def methods(
        self, document: Document, at: Pointer, names: Iterable[str | None]
    ) -> tuple[Declared, ...]:
        """The methods that a list names; an unknown one is a finding."""
        found = []
        for index, name in enumerate(names):
            if name is None:  # it has a finding
                continue
            row = RESOURCES.get(name)
            known = (row and row.is_method and not row.several) or name in self.named
            if known and at[-1] == "has" and name not in REGISTERED:
                fix = f"write canUse, or one of {', '.join(sorted(REGISTERED))}"
                self.findings.append(not_told(document, (*at, index), name, fix))
            elif known:
                found.append(known_as(kind_of(name).id, name))
            else:
                near = len(self.findings) < SUGGESTED
                listed = self.named if near else None
                self.findings.append(no_method(document, (*at, index), name, listed))
        return tuple(found)

    def compare(
        self,
        document: Document,
        at: Pointer,
        who: Written,
        lists: Mapping[str, Iterable[Declared]],
    ) -> None:
        """Find what contradicts an earlier expectation, or says the same again."""
        key = who.casefold() if isinstance(who, str) else (who.name, who.id)
        for name, methods in lists.items():
            for index, method in enumerate(methods):
                here, title = (*at, name, index), method.title
                other = self.seen.get((key, OPPOSITE.get(name, ""), title))
                same = self.seen.setdefault((key, name, title), (document, here))
                if other:
                    message = f"{name} has {shown(title)}, which {OPPOSITE[name]} has in "
                    message += f"{other[0].place(other[1])} for the same people"
                    fix = "keep one of the two: no policy can satisfy both"
                    self.find(document, here, "expectations-contradict", message, fix)
                elif same[0] is document and same[1] != here:
                    line = document.place(same[1]).line
                    message = f"{name} of the same people has {shown(title)} twice, on line {line}"
                    message += " and here"
                    self.find(document, here, "duplicate-entry", message, "keep one of the two")

    def find(self, document: Document, at: Pointer, rule: str, message: str, fix: str) -> None:
        self.findings.append(finding(document, at, rule, message, fix))


def not_told(document: Document, at: Pointer, name: str, fix: str) -> Finding:
    """The finding about a method for which Graph does not say who has registered it."""
    key = next(step for step in reversed(at) if isinstance(step, str))
    message = f"{key} names {shown(name)}, but Graph does not say who has registered it"
    return finding(document, at, "bad-value", message, fix)


def no_method(
    document: Document, at: Pointer, name: str, named: Collection[str] | None = ()
) -> Finding:
    """The finding about a word that is not a method. `named` are the external methods of the
    policy; with None no similar word is looked for.
    """
    labels = {row.label: row.id for row in METHODS if not row.several}
    labels |= {word: word for word in (*labels.values(), *(named or ()))}
    other = [word for word in OTHER_KEYS.get(plain(name), ()) if word in labels]
    near = next(iter(other), None if named is None else closest(name, labels))
    fix = (
        f"did you mean '{labels[near]}'?"
        if near
        else "write a method's id, or the name of an external method that the policy lists "
        f"under {EXTERNAL}"
    )
    message = f"{_key(at)} names {shown(name)}, which is not a method"
    return finding(document, at, "unknown-method", message, fix)


def _key(at: Pointer) -> str:
    """The key that a pointer leads to, or into a list of, below the key at the top."""
    keys = [step for step in at if isinstance(step, str)]
    return f"{keys[0]}.{keys[-1]}"


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def flow(value: Json) -> str:
    """A value as YAML in one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {flow(member)}' for name, member in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    return in_braces(value) if isinstance(value, str) and not is_day(value) else str(value)
