"""Target entries: what a short form stands for, and whatever contradicts itself in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graphpolicy.catalogue.kinds import Target, Targets
from graphpolicy.model import EVERYONE, NOBODY, Alias, Finding, Json, Named
from graphpolicy.policyfile.pointers import finding, title
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.wording import excludes_everyone, in_braces, shown

REFERENCES = ("group", "id", "alias", "role", "administrativeUnit")

Report = Callable[[Finding], None]


def target(
    data: Json, kind: Target | Targets, document: Document, pointer: Pointer, report: Report
) -> dict[str, Json]:
    """One entry as Graph has it, without further properties."""
    if isinstance(data, str):
        return {"targetType": "group", "id": NOBODY if data == "none" else EVERYONE}
    problem = _problem(data, kind, title(pointer))
    if problem:
        message, fix, key = problem
        at = (*pointer, key) if key else pointer
        report(finding(document, at, "target-reference", message, fix))
    for type_ in ("role", "administrativeUnit"):
        if type_ in data:
            return {"targetType": type_, "id": data[type_]}
    group, id_ = data.get("group"), data.get("id")
    if EVERYONE in (group, id_):
        return {"targetType": "group", "id": EVERYONE}
    if "alias" in data:
        return {"targetType": "group", "id": Alias(data["alias"], document.place(pointer))}
    if group is not None:
        place = document.place(pointer)
        return {"targetType": "group", "id": Named(group, id_, place)}
    return {"targetType": data.get("targetType", "group"), "id": id_}


def who(data: Json) -> str:
    """An entry as a message names it."""
    if isinstance(data, str):
        return data
    name = next((data[name] for name in REFERENCES if name in data), "")
    return name if name == EVERYONE else shown(name)


def _problem(
    data: Mapping[str, Json], kind: Target | Targets, name: str
) -> tuple[str, str, str] | None:
    """What contradicts itself: message, help, and the key that it is about."""
    given = [reference for reference in REFERENCES if reference in data]
    group, id_, type_ = data.get("group"), data.get("id"), data.get("targetType")
    other = [word for word in REFERENCES if word in kind.types and word != "group"]
    if not given:
        ways = ["{group: DISPLAY NAME}", "{id: OBJECT ID}", *(f"{{{word}: ID}}" for word in other)]
        return f"{name} has a target that names nobody", f"write {' or '.join(ways)}", ""
    if EVERYONE in (group, id_):
        return _everyone(data, kind, name, given)
    if given not in (["group"], ["id"], ["group", "id"]) and len(given) > 1:
        listed = " and ".join(f"'{word}'" for word in given)
        several = isinstance(kind, Targets)
        fix = "write one entry for each of them" if several else "keep one: it takes one target"
        return f"one target in {name} has {listed}", fix, ""
    if given[0] in ("group", "alias") and type_ not in (None, "group"):
        fix = f"write {{id: OBJECT ID, targetType: {type_}}}, or leave out targetType"
        return f"one target in {name} names a group and says that it is a {type_}", fix, ""
    if given[0] in other and type_ not in (None, given[0]):
        message = f"one target in {name} names a {given[0]} and says that it is a {type_}"
        return message, "leave out targetType", ""
    return None


def _everyone(
    data: Mapping[str, Json], kind: Target | Targets, name: str, given: list[str]
) -> tuple[str, str, str] | None:
    """What is wrong with an entry that has all_users."""
    if isinstance(kind, Targets) and not kind.everyone:
        return *excludes_everyone(name), ""
    others = [word for word in given if word not in ("group", "id") or data[word] != EVERYONE]
    if others:
        beside = others[0]
        message = f"one target in {name} has all_users and the {beside} {shown(data[beside])}"
        one = f"{{{beside}: {in_braces(data[beside])}}}"
        return message, f"write all_users for everyone, or {one} alone", ""
    if data.get("targetType", "group") != "group":
        message = f"one target in {name} is all_users and says that it is a {data['targetType']}"
        return message, "leave out targetType", ""
    return None
