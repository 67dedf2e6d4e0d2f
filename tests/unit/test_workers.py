"""The whole suite uses all processors; its workers and a run of one file start no workers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import pytest_cmdline_main

Source = pytest.Config.ArgsSource


@pytest.mark.parametrize(
    ("source", "asked", "more", "then"),
    [
        (Source.TESTPATHS, None, {}, "auto"),
        (Source.TESTPATHS, None, {"workerinput": {}}, None),
        (Source.TESTPATHS, 1, {}, 1),
        (Source.ARGS, None, {}, None),
    ],
    ids=["the suite", "a worker", "a flag", "a file"],
)
def test_who_starts_workers(source: Source, asked: Any, more: dict[str, Any], then: Any) -> None:
    option = SimpleNamespace(numprocesses=asked, dist="no")
    config: Any = SimpleNamespace(
        args_source=source,
        option=option,
        getoption=lambda name, default: getattr(option, name, default),
        **more,
    )
    pytest_cmdline_main(config)
    assert option.numprocesses == then
