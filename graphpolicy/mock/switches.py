"""The open questions about Graph, as switches.

Each field is one question. The first of its values is the default, which the sources support best.
A client is correct only if it is correct with every value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from .policy.wire import VERSIONS
from .tables import data


class UnknownSwitchError(ValueError):
    """An unknown switch, or an unknown value of a switch."""


@dataclass(frozen=True, slots=True)
class SwitchDoc:
    """What a switch decides, its values (the first is the default), and the evidence."""

    name: str
    values: tuple[str, ...]
    text: str
    source: str
    tag: str


ACCESS: Final = ("absent", "read_only", "writable")

CONTESTED: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {name: tuple(row["defaults"]) for name, row in data("keys.json").items()}
)
"""Keys on which Microsoft's pages and SDKs disagree, and an invented method and property of the
future: their defaults on v1.0 and on beta."""

_KEY_DEFAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"{version}/{key}": defaults[place]
        for key, defaults in CONTESTED.items()
        for place, version in enumerate(VERSIONS)
    }
)


_COUNTS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("audit_delay_s", "report_age_h", "report_gap"), 0),
    "visibility_reads": 1,
    "audit_kept_days": 1,
}
"""The switches that are numbers, and the least of each."""
_STARTS: Final[Mapping[str, int]] = {**_COUNTS, "visibility_reads": 2, "audit_kept_days": 30}


def _rows() -> Mapping[str, Any]:
    found: Mapping[str, Any] = data("switches.json")
    return found


class Switches:
    """An answer to each open question. Immutable: `changed` returns a new object.

    `switches.json` has what each one decides, and its values; the first is the default.
    `keys` maps `VERSION/KEY` (for example `v1.0/HardwareOath`) to absent, read_only or writable;
    other keys keep their defaults.
    """

    __slots__ = ("_values", "keys")

    def __init__(self, **values: Any) -> None:
        """Begin with the defaults; raises UnknownSwitchError for an unknown name or value."""
        plain: dict[str, Any] = {
            name: row["values"][0] if row["values"] else _STARTS[name]
            for name, row in _rows().items()
        }
        self.keys: Mapping[str, Any] = MappingProxyType({**_KEY_DEFAULTS, **values.pop("keys", {})})
        self._values: Mapping[str, Any] = MappingProxyType({**plain, **values})
        for name, value in self.as_dict().items():
            if name not in plain and name not in _KEY_DEFAULTS:
                raise UnknownSwitchError(f"no switch {name!r}")
            if name in _COUNTS:
                if not isinstance(value, int) or isinstance(value, bool) or value < _COUNTS[name]:
                    raise UnknownSwitchError(
                        f"switch {name} must be an integer of at least {_COUNTS[name]} "
                        f"(got {value!r})"
                    )
                continue
            known = ACCESS if name in _KEY_DEFAULTS else _rows()[name]["values"]
            if value not in known:
                raise UnknownSwitchError(
                    f"switch {name} must be one of {', '.join(known)} (got {value!r})"
                )

    def __getattr__(self, name: str) -> str:
        """The value of a switch by its name."""
        if name.startswith("_") or name not in self._values:
            raise AttributeError(name)
        value: str = self._values[name]
        return value

    @property
    def visibility_reads(self) -> int:
        """How many reads do not see a write."""
        return int(self._values["visibility_reads"])

    @property
    def audit_delay_s(self) -> int:
        """Seconds until a record is in the audit log."""
        return int(self._values["audit_delay_s"])

    @property
    def audit_kept_days(self) -> int:
        """Days for which a record is in the audit log."""
        return int(self._values["audit_kept_days"])

    @property
    def report_age_h(self) -> int:
        """Hours by which the registration report is behind."""
        return int(self._values["report_age_h"])

    @property
    def report_gap(self) -> int:
        """One in this many people has no row in the registration report; with 0 everybody does."""
        return int(self._values["report_gap"])

    def __eq__(self, other: object) -> bool:
        """Whether all answers are the same."""
        return isinstance(other, Switches) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        """The hash of all answers."""
        return hash(tuple(self.as_dict().items()))

    def changed(self, changes: Mapping[str, object]) -> "Switches":
        """These switches with some changed, by field name or `VERSION/KEY`.

        `era` first sets every switch to its value in that era.
        """
        plain, keys = dict(self._values), dict(self.keys)
        if "era" in changes:
            changes = {**of_era(changes["era"]), **changes}
        for given, value in changes.items():
            name = given if "/" in given else given.replace("-", "_")
            if name == "keys" and isinstance(value, Mapping):
                keys.update(value)
            elif name in _KEY_DEFAULTS:
                keys[name] = value
            elif name != "era":
                counted = name in _COUNTS and isinstance(value, str) and value.isdecimal()
                plain[name] = int(str(value)) if counted else value
        return Switches(keys=keys, **plain)

    def as_dict(self) -> dict[str, object]:
        """Every switch by name with its value."""
        return {**self._values, **self.keys}


def of_era(era: object) -> dict[str, object]:
    """Every switch as it was in 2022, 2024 or 2026."""
    eras = data("eras.json")
    if str(era) not in eras:
        raise UnknownSwitchError(f"era must be one of {', '.join(eras)} (got {era!r})")
    return {**Switches().as_dict(), **eras[str(era)]["switches"]}


def switch_docs() -> tuple[SwitchDoc, ...]:
    """What every switch decides, in the order of the class."""
    plain = [
        SwitchDoc(name, tuple(row["values"]), row["text"], row["source"], row["tag"])
        for name, row in _rows().items()
    ]
    contested = [
        SwitchDoc(
            name,
            (default, *(value for value in ACCESS if value != default)),
            "Whether {2} is returned and written on {0}.".format(*name.partition("/")),
            data("keys.json")[name.partition("/")[2]]["source"],
            data("keys.json")[name.partition("/")[2]]["tag"],
        )
        for name, default in _KEY_DEFAULTS.items()
    ]
    return (*plain, *contested)
