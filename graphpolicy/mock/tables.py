"""The mock's data files in `data/`: its claims about Graph are rows, not code."""

import json
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]


@cache
def data(name: str) -> Any:
    """Parse one of the data files; callers must not change the result."""
    return json.loads(files(__package__).joinpath("data", name).read_text(encoding="utf-8"))
