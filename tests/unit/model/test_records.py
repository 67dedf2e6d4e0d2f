"""Our frozen dataclasses are what the standard ones are."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field, replace
from typing import Any

import pytest

from graphpolicy.model.records import dataclass as ours


@ours(frozen=True, slots=True)
class Place:
    """The package's own `dataclass`."""

    file: str
    line: int = 1
    notes: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    seen: list[str] = field(default_factory=list, compare=False)

    @property
    def shown(self) -> str:
        return f"{self.file}:{self.line}"


@ours(frozen=True, slots=True, kw_only=True)
class Named:
    name: str

    def __repr__(self) -> str:
        return "mine"


@ours(frozen=True, slots=True, kw_only=True)
class Longer(Named):
    more: int = 0


STANDARD: Any = dataclasses.make_dataclass(
    "Place",
    [
        ("file", str),
        ("line", int, 1),
        ("notes", tuple, ()),
        ("secret", str, field(default="", repr=False)),
        ("seen", list, field(default_factory=list, compare=False)),
    ],
    frozen=True,
    slots=True,
)


def test_what_is_compared_hashed_and_shown_is_what_the_standard_ones_show() -> None:
    for arguments in (("a",), ("a", 2), ("b", 2, ("x",), "hidden", ["seen"])):
        assert repr(Place(*arguments)) == repr(STANDARD(*arguments))
        assert hash(Place(*arguments)) == hash(STANDARD(*arguments))
        assert Place(*arguments) == Place(*arguments)
        assert (Place(*arguments) == Place("a")) is (STANDARD(*arguments) == STANDARD("a"))
    assert Place("a") != STANDARD("a")
    assert Named(name="a") != Longer(name="a")
    assert Place("a", seen=["x"]) == Place("a")
    assert "hidden" not in repr(Place("a", secret="hidden"))


def test_nothing_of_it_can_be_changed() -> None:
    place: Any = Place("a")
    for name in ("file", "line", "seen"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(place, name, "b")
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(place, name)
    with pytest.raises(AttributeError):
        place.other = 1
    assert place == Place("a", 1)
    assert not hasattr(place, "__dict__")


def test_it_can_be_replaced_copied_matched_and_inherited_from() -> None:
    place = Place("a", 3)
    assert replace(place, line=4) == Place("a", 4)
    for same in (copy.copy(place), copy.deepcopy(place), pickle.loads(pickle.dumps(place))):
        assert same == place
    match place:
        case Place(file, line):
            assert f"{file}:{line}" == place.shown == "a:3"
    longer = Longer(name="a", more=1)
    assert (longer.name, longer.more) == ("a", 1)
    assert repr(Named(name="a")) == "mine"
    assert repr(longer) == "Longer(name='a', more=1)"
    assert dataclasses.asdict(longer) == {"name": "a", "more": 1}


def test_what_is_not_frozen_is_a_standard_dataclass() -> None:
    @ours
    class Counter:
        count: int = 0

    @ours(slots=True)
    class Slotted:
        count: int = 0

    for made in (Counter(), Slotted()):
        made.count += 1
        assert made.count == 1
        assert "count=1" in repr(made)
