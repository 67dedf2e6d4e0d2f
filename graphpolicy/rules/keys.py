"""Which keys the restrictions on passkeys accept, and which of two restrictions accepts more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set as AbstractSet
from dataclasses import replace

from graphpolicy.catalogue.values import split_flags
from graphpolicy.model import Json
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import word

UNATTESTED = "keys without attestation"


@dataclass(frozen=True, slots=True)
class Accepts:
    """Which keys are accepted: only `models`, or if that is None all except `blocked`."""

    types: frozenset[str]
    unattested: bool
    models: frozenset[str] | None
    blocked: frozenset[str]

    def model(self, model: str) -> bool:
        """Whether keys of a model are accepted; only the list of models counts."""
        return model in self.models if self.models is not None else model not in self.blocked

    def all_of(self, other: Accepts) -> bool:
        """Whether every key that the other accepts is accepted here."""
        return not any(other.beyond(self))

    def beyond(self, other: Accepts) -> Iterator[str]:
        """What is accepted here that the other does not accept, in words."""
        if new := self.types - other.types:
            yield f"{' and '.join(sorted(new))} keys"
        if self.unattested and not other.unattested:
            yield UNATTESTED
        if models := self._models_beyond(other):
            yield models

    def _models_beyond(self, other: Accepts) -> str:
        if self.models is not None:
            if other.models is None:
                return _named(self.models & other.blocked)
            return _named(self.models - other.models)
        if other.models is None:
            return _named(other.blocked - self.blocked)
        but = other.models | self.blocked
        return f"every model except {', '.join(sorted(but))}" if but else "every model"

    def registered(self) -> Accepts:
        """The same for registered keys: attestation is checked only at registration."""
        return replace(self, unattested=True)


def _named(models: AbstractSet[str]) -> str:
    return f"model{'s'[len(models) == 1 :]} {', '.join(sorted(models))}" if models else ""


def accepts(profile: Mapping[str, Json]) -> Accepts | None:
    """What a passkey profile accepts; None if a member that decides it is missing."""
    restrictions = profile.get("keyRestrictions")
    if not isinstance(restrictions, Mapping) or restrictions.get("isEnforced") is None:
        return None
    if any(profile.get(name) is None for name in ("passkeyTypes", "attestationEnforcement")):
        return None
    models: frozenset[str] | None = None
    blocked: frozenset[str] = frozenset()
    if restrictions["isEnforced"]:
        if any(restrictions.get(name) is None for name in ("enforcementType", "aaGuids")):
            return None
        listed = frozenset(str(model).casefold() for model in restrictions["aaGuids"])
        if word(restrictions["enforcementType"]) == "allow":
            models = listed
        else:
            blocked = listed
    return Accepts(
        frozenset(split_flags(profile["passkeyTypes"])),
        word(profile["attestationEnforcement"]) == "disabled",
        models,
        blocked,
    )
