"""The people of a tenant as counts of people who are alike, from pages of Graph's lists. Pure.

What a policy does to a person depends on what they have registered and on their groups. There are
far fewer such cases than people, so only these cases are kept, and each is judged once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from graphpolicy.model import Json


class Registered(NamedTuple):
    """What one row of the registration report says of a person.

    `methods` are the names in `methodsRegistered`, sorted; None if the row has no such list.
    `resets` is whether they can reset their password by themselves.
    """

    methods: tuple[str, ...] | None
    admin: bool = False
    guest: bool = False
    resets: bool = False


class PeopleCase(NamedTuple):
    """People with the same registrations in the same groups.

    `groups` has bit n set for group n of the crowd. `models` are the folded AAGUIDs of their
    passkeys, None if they were not read.
    """

    registered: Registered
    groups: int
    models: frozenset[str] | None = None


class Crowd:
    """All people of a tenant. Lists may be added in any order, page by page.

    `groups` are the folded ids whose members matter, at most once each. `named` keeps the names of
    people, for a list of them.
    """

    def __init__(self, groups: Iterable[str] = (), *, named: bool = False) -> None:
        self.groups: Sequence[str] = tuple(groups)
        self.named = named
        self.as_of = ""
        self._bits = {group: 1 << number for number, group in enumerate(self.groups)}
        self._registered: dict[Registered, int] = {}
        self._numbers: dict[tuple[Json, ...], int] = {}
        self._kinds: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._within: dict[str, int] = {}
        self._models: Mapping[str, frozenset[str]] = {}
        self._users: dict[str, bool] | None = None

    def report(self, rows: Iterable[Mapping[str, Json]]) -> None:
        """Add rows of the registration report. A second row about a person is ignored.

        Raises:
            ValueError: a row has no id, so that it can't be counted.
        """
        kinds, names = self._kinds, self._names
        for id_, case, row in self.read(rows):
            if id_ not in kinds:
                kinds[id_] = case
                if self.named:
                    names[id_] = name_of(row)

    def members(self, group: str, ids: Iterable[str]) -> None:
        """Add members of a group, by folded id."""
        bit, within = self._bits[group], self._within
        for id_ in ids:
            within[id_] = within.get(id_, 0) | bit

    def empty(self, group: str) -> None:
        """Take everybody out of a group that was deleted while it was read."""
        bit, within = self._bits[group], self._within
        self._within = {id_: groups & ~bit for id_, groups in within.items()}

    def users(self, rows: Iterable[Mapping[str, Json]]) -> None:
        """Add users of the directory. With them it is known who of the members is disabled.

        Raises:
            ValueError: a row has no id, so that it can't be counted.
        """
        found = self._users = self._users if self._users is not None else {}
        for row in rows:
            if row.get("accountEnabled") is not False:
                found[folded(row)] = row.get("userType") != "Member" and is_guest(row)

    def without_users(self) -> None:
        """Forget the users of the directory, of which only a part could be read."""
        self._users = None

    def keys(self, models: Mapping[str, frozenset[str]]) -> None:
        """Set the models of people's passkeys, by their folded id."""
        self._models = models

    def counted_cases(self) -> Iterator[tuple[PeopleCase, int]]:
        """Every case, and how many people it is.

        People who are not in the report have unknown registrations. They are the other enabled
        users, or the other members of the groups if the users were not read.
        """
        cases, within, models = self.cases, self._within, self._models
        counted = Counter(
            (kind, within.get(id_, 0), models.get(id_)) for id_, kind in self._kinds.items()
        )
        for (kind, groups, held), count in counted.items():
            yield PeopleCase(cases[kind], groups, held), count
        yield from Counter(case for _, case in self._untold()).items()

    def people(self) -> Iterator[tuple[str, str, PeopleCase]]:
        """Everybody: folded id, name if the report has it, and the case that they are."""
        cases = self.cases
        for id_, kind in self._kinds.items():
            case = PeopleCase(cases[kind], self._within.get(id_, 0), self._models.get(id_))
            yield id_, self._names.get(id_, id_), case
        for id_, case in self._untold():
            yield id_, id_, case

    def _untold(self) -> Iterator[tuple[str, PeopleCase]]:
        """The people who are not in the report, by folded id."""
        within = self._within
        everybody = dict.fromkeys(within, False) if self._users is None else self._users
        for id_, guest in everybody.items():
            if id_ not in self._kinds:
                yield id_, PeopleCase(Registered(None, guest=guest), within.get(id_, 0))

    def size(self, group: str) -> int:
        """How many people are in a group."""
        bit = self._bits[group]
        return sum(bool(groups & bit) for groups in self._within.values())

    @property
    def cases(self) -> Sequence[Registered]:
        """What rows of the report say, by number."""
        return tuple(self._registered)

    def read(
        self, rows: Iterable[Mapping[str, Json]]
    ) -> Iterator[tuple[str, int, Mapping[str, Json]]]:
        """Each row of the report with the folded id and the number of what it says.

        Raises:
            ValueError: a row has no id.
        """
        numbers, as_of = self._numbers, self.as_of
        for row in rows:
            get = row.get
            names, at = get("methodsRegistered"), get("lastUpdatedDateTime")
            if isinstance(at, str) and at > as_of:
                as_of = at
            key = (
                (*names,) if type(names) is list else None,
                get("isAdmin"),
                get("userType"),
                get("isSsprCapable"),
            )
            number = numbers.get(key)
            if number is None:
                number = numbers[key] = self._number(row, key[0])
            yield folded(row), number, row
        self.as_of = as_of

    def _number(self, row: Mapping[str, Json], names: Iterable[Json] | None) -> int:
        methods = None if names is None else tuple(sorted(set(map(str, names))))
        admin, resets = row.get("isAdmin") is True, row.get("isSsprCapable") is True
        found = Registered(methods, admin, is_guest(row), resets)
        return self._registered.setdefault(found, len(self._registered))


def folded(row: Mapping[str, Json]) -> str:
    """The folded id of a row.

    Raises:
        ValueError: it has none.
    """
    id_ = row.get("id")
    if not isinstance(id_, str) or not id_:
        raise ValueError("a person without an id")
    return id_.casefold()


def name_of(row: Mapping[str, Json]) -> str:
    return str(row.get("userPrincipalName") or row.get("id"))


def is_guest(row: Mapping[str, Json]) -> bool:
    return str(row.get("userType") or "").casefold() == "guest"
