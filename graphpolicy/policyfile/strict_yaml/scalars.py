"""Plain scalars: their value in YAML 1.2, and those that another parser reads differently."""

from __future__ import annotations

import re
from typing import NamedTuple

from graphpolicy.model import Json


class Trap(NamedTuple):
    """Why a plain scalar is refused. `says` continues the sentence that starts with the scalar."""

    rule: str
    says: str
    write: str = ""


_WORDS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_BOOLEANS = frozenset({"yes", "no", "on", "off", "y", "n"})

_INT = re.compile(r"[-+]?[0-9]+")
_NEW_OCTAL = re.compile(r"0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_OLD_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.|[0-9]*\.[0-9]+)[0-9]*(?:[eE][-+][0-9]+)?")
"""The floats that YAML 1.1 reads too: with a point, and with a sign before the exponent."""

_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_SPACED = re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?")
_RADIX = re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|b[01_]+)")
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?"
)
_DIGITS = 19
"""Longer numbers exceed Graph's largest, and Python refuses to parse very long ones."""

_OTHERS = "in YAML 1.1 and text in YAML 1.2"
_MERGE = Trap(
    "yaml-merge-key", "merges maps in YAML 1.1 and is text in 1.2", "write the values out in full"
)
_EQUALS = Trap("yaml-equals", f"is a special value {_OTHERS}")


def resolve(text: str) -> tuple[Json, Trap | None]:
    """The value of a plain scalar in YAML 1.2, and a trap if YAML 1.1 or JSON reads it differently.

    Only whole numbers are numbers: a policy has no others, and JSON Schema takes 60.0 for one.
    """
    if text in _WORDS:
        return _WORDS[text], None
    if len(text) <= 3 and text.lower() in _BOOLEANS:
        return text, Trap("yaml-boolean", f"is a boolean {_OTHERS}", "write true or false")
    if text[0] not in "+-.0123456789<=":
        return text, None
    if text == "<<":
        return text, _MERGE
    if text == "=":
        return text, _EQUALS
    trap = _number_trap(text)
    if trap:
        return text, trap
    return (int(text) if _INT.fullmatch(text) else text), None


def _number_trap(text: str) -> Trap | None:
    """Why something that looks like a number or a date is refused, else None."""
    if _LEADING_ZERO.fullmatch(text):
        sign = "-" if text[0] == "-" else ""
        bare = _short(sign + (text.replace("_", "").lstrip("+-0") or "0"))
        write = f"write {bare} without the leading zero" if bare else "leave out the leading zero"
        return Trap("yaml-octal", "is octal in YAML 1.1 and decimal in YAML 1.2", write)
    if _BASE60.fullmatch(text):
        return Trap("yaml-base60", f"is a number to base 60 {_OTHERS}")
    if _RADIX.fullmatch(text):
        digits = text.replace("_", "")
        write = ""
        if len(digits) <= _DIGITS and digits.lstrip("+-") not in {"0x", "0b"}:
            write = f"write {int(digits, 0)}"
        return Trap("yaml-number", "is a number that not every YAML parser understands", write)
    if "_" in text and _SPACED.fullmatch(text):
        bare = _short(text.replace("_", "")) if "." not in text else ""
        return Trap("yaml-number", f"is a number {_OTHERS}", f"write {bare}" if bare else "")
    if _ENDLESS.fullmatch(text):
        return Trap("yaml-number", "is a number that JSON does not have", "write a finite number")
    if DATE.fullmatch(text):
        return Trap("yaml-date", f"is a date {_OTHERS}")
    if _TIME.fullmatch(text):
        return Trap("yaml-date", f"is a time {_OTHERS}")
    if _too_large(text):
        return Trap("yaml-number", "is larger than Graph's largest number")
    if _NEW_OCTAL.fullmatch(text):
        octal = "is octal in YAML 1.2 and text in YAML 1.1"
        return Trap("yaml-octal", octal, f"write {int(text, 0)}")
    if _FLOAT.fullmatch(text) and not _INT.fullmatch(text):
        says = "is a number in YAML 1.2 and text in YAML 1.1"
        if _OLD_FLOAT.fullmatch(text):
            says = "has a decimal point; a policy takes only whole numbers"
        whole = float(text).is_integer() and abs(float(text)) < 2**53
        return Trap("yaml-number", says, f"write {int(float(text))}" if whole else "")
    if _INT.fullmatch(text) and text[0] == "+":
        return Trap("yaml-number", "is read as a number without its plus sign", f"write {text[1:]}")
    return None


def _short(digits: str) -> str:
    return digits if len(digits) <= _DIGITS else ""


def _too_large(text: str) -> bool:
    if _INT.fullmatch(text) or _NEW_OCTAL.fullmatch(text):
        return len(text) > 2 * _DIGITS or abs(int(text, 0 if text[:2] == "0o" else 10)) >= 2**63
    return bool(_FLOAT.fullmatch(text)) and abs(float(text)) == float("inf")
