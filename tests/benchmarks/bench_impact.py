"""How much longer counting the people of a plan takes than parsing the pages that it reads.

The pages of the registration report, of the users and of 30 groups are at hand as JSON text, a line
a page. One process only parses them; one counts whom eight changed settings reach; up to 100,000
people one judges every person by itself, without cases, and two make the cases with Polars, if it
is installed: from parsed rows, and from the text itself. Groups and registrations are at random,
the worst there is: hardly two people are alike. Prints processor seconds, the ratio to parsing, and
the peak memory of the whole process; the aim for a million people is 3 times and 1 GB.

Run: python tests/benchmarks/bench_impact.py
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from graphpolicy.catalogue.registered import reported_as
from graphpolicy.people.access import Someone, may_use_registered
from graphpolicy.people.affected import Impact, ReachChange
from graphpolicy.people.crowd import Crowd, PeopleCase, Registered
from graphpolicy.people.reach import reach
from graphpolicy.people.ways import Judge, Method

SIZES = (10_000, 100_000, 1_000_000)
LOOPED = 100_000
PAGE = 999
GROUPS = [str(uuid.UUID(int=number + 1)) for number in range(30)]
NAMES = (
    "mobilePhone",
    "microsoftAuthenticatorPush",
    "hardwareOneTimePasscode",
    "email",
    "passKeyDeviceBound",
    "windowsHelloForBusiness",
    "officePhone",
    "alternateMobilePhone",
)
METHODS = (
    "Sms",
    "Voice",
    "MicrosoftAuthenticator",
    "SoftwareOath",
    "Fido2",
    "Email",
    "HardwareOath",
    "TemporaryAccessPass",
)


def methods() -> list[Method]:
    """Eight methods; each loses one of its two groups and excludes one more."""

    def side(name: str, include: list[str], exclude: list[str]) -> dict[str, Any]:
        lists = {"includeTargets": include, "excludeTargets": exclude}
        targets = {
            key: [{"targetType": "group", "id": id_} for id_ in ids] for key, ids in lists.items()
        }
        return {"id": name, "state": "enabled", **targets}

    found = []
    for number, name in enumerate(METHODS):
        one, two, three, four = GROUPS[3 * number : 3 * number + 4]
        before, after = side(name, [one, two], [three]), side(name, [one], [three, four])
        found.append(Method(name, name, before, after))
    return found


def row(id_: str, number: int) -> dict[str, Any]:
    return {
        "id": id_,
        "userPrincipalName": f"user{number}@contoso.com",
        "userDisplayName": f"User {number}",
        "userType": "guest" if number % 50 == 0 else "member",
        "isAdmin": number % 1000 == 0,
        "isSsprRegistered": True,
        "isSsprEnabled": True,
        "isSsprCapable": True,
        "isMfaRegistered": True,
        "isMfaCapable": True,
        "isPasswordlessCapable": False,
        "methodsRegistered": random.sample(NAMES, random.randint(0, 4)),
        "isSystemPreferredAuthenticationMethodEnabled": True,
        "systemPreferredAuthenticationMethods": ["push"],
        "userPreferredMethodForSecondaryAuthentication": "push",
        "lastUpdatedDateTime": "2026-11-28T06:00:00Z",
    }


def write(file: Path, people: int) -> None:
    """Each page on a line, after the name of its list: `report`, `users` or the id of a group."""
    random.seed(1)
    ids = [str(uuid.UUID(int=random.getrandbits(128))) for _ in range(people)]
    with file.open("w", encoding="utf-8") as stream:

        def page(name: str, rows: list[dict[str, Any]]) -> None:
            stream.write(f"{name}\t{json.dumps({'value': rows})}\n")

        for start in range(0, people, PAGE):
            some = range(start, min(start + PAGE, people))
            page("report", [row(ids[number], number) for number in some])
            users = [{"id": ids[n], "accountEnabled": True, "userType": "Member"} for n in some]
            page("users", users)
        for group in GROUPS:
            for _ in range(max(1, people // 10 // PAGE)):
                page(group, [{"id": ids[n]} for n in random.sample(range(people), PAGE)])


def pages(file: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            name, _, text = line.partition("\t")
            yield name, json.loads(text)["value"]


def parse(file: Path) -> int:
    return sum(len(rows) for name, rows in pages(file) if name == "report")


def count(file: Path) -> int:
    crowd = Crowd(GROUPS)
    for name, rows in pages(file):
        if name == "report":
            crowd.report(rows)
        elif name == "users":
            crowd.users(rows)
        else:
            crowd.members(name, [each["id"].casefold() for each in rows])
    return losing(crowd.counted_cases())


def losing(cases: Iterable[tuple[PeopleCase, int]]) -> int:
    """How many of these people lose a method."""
    changed = methods()
    moved = [
        ReachChange(
            each.id,
            ("includeTargets",),
            each.id.casefold(),
            decides=True,
            before=(reach(each.before),),
            after=(reach(each.after),),
        )
        for each in changed
    ]
    return Impact(Judge(changed, GROUPS), moved).count(cases).everyone.lose


def loop(file: Path) -> int:
    """How many people lose a method, found by judging each of them alone."""
    registered: dict[str, list[str]] = {}
    within: dict[str, set[str]] = {}
    for name, rows in pages(file):
        for each in rows:
            if name == "report":
                registered[each["id"]] = each["methodsRegistered"]
            elif name != "users":
                within.setdefault(each["id"], set()).add(name)
    changed = {each.id: each for each in methods()}
    lose = 0
    for id_, names in registered.items():
        who = Someone(id_, frozenset(within.get(id_, ())))
        lost = False
        for name in names:
            kind = reported_as(name)
            for through in kind.through if kind else ():
                before, after = (
                    may_use_registered(values, who, kind, through, mode=kind.mode).yes
                    for values in (changed[through].before, changed[through].after)
                    if kind
                )
                lost = lost or (before is True and after is False)
        lose += lost
    return lose


def columns(file: Path, *, text: bool) -> int:
    """The same with cases made by Polars, without any check of the pages, and without the users."""
    pl: Any = import_module("polars")  # no dependency, so its types are not at hand

    person: dict[str, Any] = {
        "id": pl.String,
        "userType": pl.String,
        "isAdmin": pl.Boolean,
        "isSsprCapable": pl.Boolean,
        "methodsRegistered": pl.List(pl.String),
    }
    report, within = [], {group: [pl.DataFrame(schema={"id": pl.String})] for group in GROUPS}
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            name, _, page = line.partition("\t")
            schema = person if name == "report" else {"id": person["id"]}
            if text:
                wanted = pl.Struct({"value": pl.List(pl.Struct(schema))})
                found = pl.Series([page]).str.json_decode(wanted).struct.unnest()
                table = found.explode("value").unnest("value")
            else:
                rows = [[row[key] for key in schema] for row in json.loads(page)["value"]]
                table = pl.DataFrame(rows, schema, orient="row")
            if name == "report":
                report.append(table.with_columns(pl.col("methodsRegistered").list.sort()))
            elif name != "users":
                within[name].append(table)
    people = pl.concat(report).unique("id", keep="first")
    bits = [
        pl.col("id").is_in(pl.concat(tables)["id"].implode()).cast(pl.Int64) * (1 << number)
        for number, tables in enumerate(within.values())
    ]
    cases = people.with_columns(pl.sum_horizontal(bits).alias("groups")).drop("id")
    counted = cases.group_by(cases.columns).len().iter_rows()
    return losing(
        (PeopleCase(Registered((*held,), admin, kind == "guest", resets), groups), many)
        for kind, admin, resets, held, groups, many in counted
    )


WAYS: dict[str, Callable[[Path], int]] = {
    "parse": parse,
    "count": count,
    "loop": loop,
    "polars-rows": partial(columns, text=False),
    "polars-text": partial(columns, text=True),
}


def measured(way: str, file: Path) -> dict[str, float]:
    """The result of one way, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, way, str(file)], capture_output=True, check=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    if len(sys.argv) > 1:
        began = time.process_time()
        result = WAYS[sys.argv[1]](Path(sys.argv[2]))
        seconds = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "megabytes": peak, "result": result}))
        return
    for people in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "pages"
            write(file, people)
            base = measured("parse", file)
            print(f"{people:>9,} people: parsing {base['seconds']:.1f} s")
            ways = ["count"]
            if people <= LOOPED:
                ways += ["loop", *(["polars-rows", "polars-text"] if find_spec("polars") else [])]
            for way in ways:
                found = measured(way, file)
                print(
                    f"  {way}: {found['seconds'] / base['seconds']:.2f} times "
                    f"({found['seconds']:.1f} s), {found['megabytes']:.0f} MB, "
                    f"{found['result']:,.0f} people lose a method"
                )


if __name__ == "__main__":
    main()
