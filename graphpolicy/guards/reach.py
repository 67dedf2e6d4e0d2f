"""Who a method, a feature or a campaign applies to: nobody if it is off; exclusion wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.guards.plan_view import BeforeAfter
from graphpolicy.model import Json, Path
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member, word
from graphpolicy.rules.references import ALL, LISTS, Reference, audiences, references


@dataclass(frozen=True, slots=True)
class Reach:
    """An effective audience."""

    on: bool
    include: frozenset[Reference]
    exclude: frozenset[Reference]

    @property
    def everyone(self) -> bool:
        """Whether all users are included, apart from the exclusions."""
        return self.on and ALL in self.include

    @property
    def anybody(self) -> bool:
        return self.on and not self.include <= self.exclude


def reach(values: Json, names: tuple[str, str] = LISTS) -> Reach:
    """Who an object with targets applies to: everyone if Graph does not show its targets."""
    include, exclude = names
    shown = isinstance(values, Mapping) and values.get(include) is not None
    return Reach(
        word(member(values, "state")) != "disabled",
        frozenset(references(values[include])) if shown else frozenset({ALL}),
        frozenset(references(member(values, exclude))),
    )


@dataclass(frozen=True, slots=True)
class Shift:
    """One pair of target lists before and after the plan, in effect both times."""

    both: BeforeAfter
    path: Path
    before: Reach
    after: Reach

    @property
    def name(self) -> str:
        """Its name in messages: the method, or the setting of the policy."""
        return self.path[-1] if self.path else self.both.title

    @property
    def left_out(self) -> frozenset[Reference]:
        """Who is no longer included, everyone included."""
        if self.after.everyone:
            return frozenset()
        return self.before.include - self.before.exclude - self.after.include

    @property
    def taken_in(self) -> frozenset[Reference]:
        """Who is newly included, everyone included."""
        if self.before.everyone:
            return frozenset()
        return self.after.include - self.after.exclude - self.before.include

    @property
    def shut_out(self) -> frozenset[Reference]:
        """Who is newly excluded."""
        return self.after.exclude - self.before.exclude

    @property
    def let_in(self) -> frozenset[Reference]:
        """Who is no longer excluded."""
        return self.before.exclude - self.after.exclude

    def at(self, name: str) -> str:
        """The dotted path of one of its members."""
        return ".".join((*self.path, name))


def shifts(both: BeforeAfter) -> Iterator[Shift]:
    """Every pair of target lists of a resource that is in effect before and after."""
    for path, after in audiences(both.after):
        before = member(both.before, *path)
        if not isinstance(before, Mapping) or not any(name in after for name in LISTS):
            continue
        old, new = reach(before), reach(after)
        if reach(both.before).on and reach(both.after).on and old.on and new.on:
            yield Shift(both, path, old, new)
