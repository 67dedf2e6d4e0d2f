"""The mock's claims about Graph: every behaviour that a client could notice, with its evidence.

`documented`: on a page of Microsoft's. `observed`: reported from a live tenant. `assumed`: not
confirmed. The table is `rules.json`: tag, source, sentence and, for a refusal, status and code.
Code that enforces a rule names it: it raises `GraphError` with the rule's name, or uses `enforces`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final, TypeVar

from .tables import data

TAGS: Final = ("documented", "observed", "assumed")

_Callable = TypeVar("_Callable", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Rule:
    """One behaviour and its evidence; `values` are filled when it is a switch."""

    name: str
    tag: str
    source: str
    text: str
    status: int | None = None
    code: str | None = None
    values: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The text, for a switch with its values; the first is the default."""
        return f"{self.text} One of: {', '.join(self.values)}." if self.values else self.text


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by name, without the switches."""
    return MappingProxyType(
        {name: Rule(name, *row) for name, row in data("rules.json").items()},
    )


def enforces(*names: str) -> Callable[[_Callable], _Callable]:
    """Mark the function that keeps the named rules; an unknown name fails at import."""
    for name in names:
        rules()[name]

    def marked(function: _Callable) -> _Callable:
        return function

    return marked
