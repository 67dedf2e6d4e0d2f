"""The mock's data files in `data/`: its claims about Graph are rows, not code."""

import json
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias, TypeVar, cast

JsonObject: TypeAlias = dict[str, Any]
T = TypeVar("T")


@cache
def data(name: str) -> Any:
    """Parse one of the data files; callers must not change the result."""
    return json.loads(files(__package__).joinpath("data", name).read_text(encoding="utf-8"))


def copied(value: T) -> T:
    """A copy of JSON that shares nothing with it; five times as fast as `copy.deepcopy`."""
    return cast("T", _copied(value))


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value
