"""What our workflows use of GitHub's expressions (its page "Evaluate expressions in workflows")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+)*)"
    r"|(?P<number>-?\d+)|(?P<sign>\|\||&&|==|!=|[!()]))"
)
BLANK = re.compile(r"\$\{\{((?:'(?:[^']|'')*'|(?!\}\})[^'])*)\}\}")
CONSTANTS = {"true": True, "false": False, "null": None}
STATUS = ("success", "failure", "always", "cancelled")


def filled(text: Any, contexts: Mapping[str, Any], status: Mapping[str, bool] | None = None) -> Any:
    """Text with its expressions in place; a text that is one expression keeps the value's type."""
    if not isinstance(text, str):
        return text
    whole = BLANK.fullmatch(text.strip())
    if whole:
        return evaluate(whole[1], contexts, status)
    return BLANK.sub(lambda match: shown(evaluate(match[1], contexts, status)), text)


def holds(condition: str | None, contexts: Mapping[str, Any], status: Mapping[str, bool]) -> bool:
    """Whether an `if:` lets a step or a job run; without a status function it asks for success."""
    inner = BLANK.fullmatch(condition.strip()) if condition else None
    text = inner[1] if inner else condition or ""
    if not any(re.search(rf"\b{name}\(", text) for name in STATUS) and not status["success"]:
        return False
    return truthy(evaluate(text, contexts, status)) if text else True


def evaluate(
    text: str, contexts: Mapping[str, Any], status: Mapping[str, bool] | None = None
) -> Any:
    """The value of an expression; None for a name that a context does not have."""
    return _Reader(text, contexts, status or {}).read()


def shown(value: Any) -> str:
    """A value as GitHub puts it into a text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def truthy(value: Any) -> bool:
    return value not in (None, False, 0, "")


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return (type(one) is type(other) and one == other) or _number(one) == _number(other)


def _number(value: Any) -> float:
    if value in (None, ""):
        return 0.0
    try:
        return float(value)
    except ValueError:
        return float("nan")


class _Reader:
    def __init__(self, text: str, contexts: Mapping[str, Any], status: Mapping[str, bool]) -> None:
        self._text = text
        self._contexts = contexts
        self._status = status
        self._tokens = list(self._split())

    def read(self) -> Any:
        value = self._either()
        assert not self._tokens, f"{self._text!r}: what is {self._tokens}?"
        return value

    def _split(self) -> Any:
        at = 0
        while self._text[at:].strip():
            found = TOKEN.match(self._text, at)
            assert found, f"{self._text!r}: what is {self._text[at:]!r}?"
            yield found.lastgroup, found[found.lastgroup or 0]
            at = found.end()

    def _take(self, *signs: str) -> str | None:
        if self._tokens and self._tokens[0][0] == "sign" and self._tokens[0][1] in signs:
            return str(self._tokens.pop(0)[1])
        return None

    def _either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value if truthy(value) else other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._take("&&"):
            other = self._compared()
            value = other if truthy(value) else value
        return value

    def _compared(self) -> Any:
        value = self._single()
        while sign := self._take("==", "!="):
            value = _equal(value, self._single()) is (sign == "==")
        return value

    def _single(self) -> Any:
        if self._take("!"):
            return not truthy(self._single())
        if self._take("("):
            value = self._either()
            assert self._take(")"), self._text
            return value
        kind, text = self._tokens.pop(0)
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return int(text)
        assert kind == "name", f"{self._text!r}: {text}"
        if self._take("("):
            assert self._take(")"), f"{self._text!r}: {text} takes nothing"
            return self._status[text]
        return CONSTANTS[text] if text in CONSTANTS else self._found(text)

    def _found(self, name: str) -> Any:
        first, *rest = name.split(".")
        assert first in self._contexts, f"{self._text!r}: there is no {first} here"
        value = self._contexts[first]
        for key in rest:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value
