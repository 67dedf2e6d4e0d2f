"""The structural check: a schema run over a file, and the data without its mistakes.

A value that the YAML reader refused has a finding already. The same mistake gets no second finding
here, but better help, because the schema knows what belongs there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from graphpolicy.model import Finding, Json, Place
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.json_schema import node_at, schema
from graphpolicy.policyfile.pointers import finding, whole
from graphpolicy.policyfile.schema_errors import Mistake, mistakes
from graphpolicy.policyfile.schema_keys import Schema
from graphpolicy.policyfile.strict_yaml import Document, Pointer

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

REFUSED = frozenset(
    {"yaml-boolean", "yaml-octal", "yaml-base60", "yaml-number", "yaml-date", "yaml-equals"}
    | {"yaml-null", "yaml-key", "yaml-tag"}
)
"""Rules of the YAML reader after which a value or key is not what its author meant."""

MOST = 500
"""A file with more mistakes than this is not a policy, and nobody reads the rest."""


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document after the check.

    `data` is the sound part: wrong keys are removed, a wrong entry of a list is None. It is empty
    if there are more than `MOST` mistakes. `wrong` holds the pointers of what is not sound;
    `findings` includes those of the YAML reader.
    """

    data: dict[str, Json]
    wrong: tuple[Pointer, ...]
    findings: tuple[Finding, ...]


def check(document: Document, root: Schema | None = None) -> CheckedDocument:
    """Check a document against a schema, by default that of a policy file."""
    root = root or schema()
    refused = {f.source: f for f in document.findings if f.rule in REFUSED and f.source}
    found: list[Finding] = []
    wrong: list[Pointer] = []
    needless: set[Place] = set()
    errors = _validator_class()(root).iter_errors(document.data)
    every = (mistake for error in errors for mistake in mistakes(error, document, root))
    for mistake in islice(every, MOST + 1):
        wrong.append(mistake.pointer)
        if mistake.rule == "wrong-type" and isinstance(mistake.value, dict):
            # The whole map must be rewritten, so a missing value in it does not matter.
            for name in mistake.value:
                told_below = document.places.get((*mistake.pointer, name))
                if told_below in refused and refused[told_below].rule == "yaml-null":
                    needless.add(told_below)
        told = _told(mistake, document, refused)
        if told:
            refused[told] = _with_better_help(refused[told], mistake)
        elif mistake.value is not None:
            said = (mistake.rule, mistake.message, mistake.fix)
            found.append(finding(document, mistake.pointer, *said, at_key=mistake.at_key))
    _quote_where_text_is_due(refused, document, root)
    kept = [
        refused[f.source] if f.rule in REFUSED and f.source else f
        for f in document.findings
        if f.source not in needless
    ]
    usable = isinstance(document.data, dict) and len(wrong) <= MOST
    data = _sound(document.data, wrong) if usable else {}
    return CheckedDocument(data, tuple(wrong), (*kept, *found))


def _told(mistake: Mistake, document: Document, refused: dict[Place, Finding]) -> Place | None:
    """The place of a mistake, if the YAML reader has a finding there."""
    if mistake.at_key:
        place = document.keys.get(mistake.pointer)
    elif isinstance(mistake.value, dict | list):
        return None  # it starts at the same place as its first key
    else:
        place = document.places.get(mistake.pointer)
    return place if place in refused else None


def _with_better_help(told: Finding, mistake: Mistake) -> Finding:
    """The reader's finding with the help that fits the setting."""
    if told.rule in ("yaml-key", "yaml-tag") or mistake.at_key:
        return told
    if told.rule == "yaml-null":
        general = "or write [] for an empty list" in told.help
        return replace(told, help=mistake.fix) if general and mistake.fix else told
    if told.rule in ("yaml-octal", "yaml-number") and told.help.startswith("write "):
        return replace(told, help=told.help.partition(", or quote it")[0])
    return replace(told, help=mistake.fix)


def _quote_where_text_is_due(
    refused: dict[Place, Finding], document: Document, root: Schema
) -> None:
    """If the setting takes text, the help only offers quoting."""
    unclear = {
        place: quoting
        for place, told in refused.items()
        if told.rule != "yaml-null" and (quoting := told.help.partition(", or quote it")[2])
    }
    for pointer, place in document.places.items() if unclear else ():
        if place in unclear and node_at(pointer, root).get("type") == "string":
            refused[place] = replace(refused[place], help=f"quote it{unclear[place]}")


def _sound(data: dict[str, Json], wrong: list[Pointer]) -> dict[str, Json]:
    """A copy without what is wrong, and without every entry that contains a mistake."""
    if not wrong:
        return data
    copy = deepcopy(data)
    for pointer in map(whole, wrong):
        if not pointer:
            continue
        *above, last = pointer
        around: Json = copy
        for step in above:
            inside = isinstance(around, list) or (isinstance(around, dict) and step in around)
            around = around[step] if inside else None
        if isinstance(around, list) and isinstance(last, int):
            around[last] = None
        elif isinstance(around, dict):
            around.pop(last, None)
    return copy


@cache
def _validator_class() -> Any:
    from jsonschema import Draft7Validator
    from jsonschema.validators import extend

    extended: Any = extend
    return extended(Draft7Validator, {"pattern": _pattern, "uniqueItems": _unique_items})


def _pattern(
    _validator: Validator, pattern: str, value: Json, _schema: Json
) -> Iterator[ValidationError]:
    """A pattern must match the whole text: Python's `$` also matches before a last line break."""
    from jsonschema import ValidationError

    if isinstance(value, str) and not re.fullmatch(pattern, value):
        yield ValidationError("pattern")


def _unique_items(
    _validator: Validator, unique: bool, items: Json, subschema: Json
) -> Iterator[ValidationError]:
    """Each repeated text at its own place, in linear time.

    Ids are compared without case, combinations of methods without the order of their parts.
    """
    from jsonschema import ValidationError

    if not unique or not isinstance(items, list):
        return
    seen: set[str] = set()
    for index, item in enumerate(items):
        if isinstance(item, str):
            key = item.casefold() if "pattern" in subschema["items"] else item
            if "enum" in subschema["items"]:
                key = ",".join(sorted(part.strip() for part in item.split(",")))
            if key in seen:
                yield ValidationError("uniqueItems", path=(index,), instance=item)
            seen.add(key)
