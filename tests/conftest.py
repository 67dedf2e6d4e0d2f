"""What every test may use: all the processors, deep runs, and a server for the whole session."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from graphpolicy.mock import Mock, Server, serve
from tests.shell import KEPT, Shell

DEEP = 20
"""How many times its `max_examples` a Hypothesis test takes in a deep run."""

COMMIT = 0.2
"""The share of its `max_examples` that it takes for a commit, but at least five."""

# How long an example takes says nothing on a machine that does other things as well.
settings.register_profile(
    "patient",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("patient")

# Compiled modules are kept: else each worker and each process that starts compiles them again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Use all the processors for the whole suite; a file by its name is quicker without."""
    worker = hasattr(config, "workerinput")  # it gets the same flags, and starts no workers itself
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    covered = config.getoption("cov_source", None)  # pytest-cov has looked for workers already
    if whole and not worker and not covered and config.getoption("numprocesses", 0) is None:
        config.option.numprocesses = "auto"
        config.option.dist = "worksteal"


def pytest_configure(config: pytest.Config) -> None:
    """Handle SIGINT, or each `asyncio.run` does: that costs a repr of all that the run returned."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.default_int_handler(number, frame)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Import a share of the modules first: a worker finds the rest compiled by the others."""
    config = collector.config
    own = getattr(config, "workerinput", None)
    if own is None or not isinstance(collector, pytest.Session):
        return
    count = own["workercount"]
    number = int(own["workerid"].removeprefix("gw"))
    modules = sorted((config.rootpath / "tests").rglob("test_*.py"))
    for path in modules[len(modules) * number // count : len(modules) * (number + 1) // count]:
        name = ".".join(path.relative_to(config.rootpath).with_suffix("").parts)
        with suppress(Exception, pytest.skip.Exception):  # the collection itself reports it
            importlib.import_module(name)


def pytest_collection_finish() -> None:
    """Leave what the collection made to itself: the garbage collector has no need to look at it."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Hypothesis tests take few examples; with `-m deep` they run as well, with many more."""
    deep = config.option.markexpr == "deep"
    changed = set()
    for item in items:
        holder, name = _settings(item)
        if holder is None:
            continue
        if deep:
            item.add_marker("deep")
        if id(holder) not in changed:
            changed.add(id(holder))
            usual = getattr(holder, name)
            most = usual.max_examples
            taken = most * DEEP if deep else min(most, max(5, round(most * COMMIT)))
            fixed = usual.derandomize and not deep  # a deep run draws other examples each time
            setattr(holder, name, settings(usual, max_examples=taken, derandomize=fixed))


def _settings(item: pytest.Item) -> tuple[Any, str]:
    """Where the settings of a Hypothesis test are: on its function, or on a machine's class."""
    function = getattr(item, "obj", None)
    if hasattr(function, "_hypothesis_internal_use_settings"):
        return function, "_hypothesis_internal_use_settings"
    machine = getattr(item, "cls", None)
    return (machine, "settings") if hasattr(machine, "settings") else (None, "")


@pytest.fixture(scope="session")
def served() -> Iterator[Server]:
    """The one server of a session. Take `server` instead, which shows a mock of the test's own."""
    with serve() as server:
        yield server


@pytest.fixture
def server(served: Server, mock: Mock) -> Server:
    """Where `mock` is served. The addresses are the same for all tests, the mock is not."""
    served.show(mock)
    return served


@pytest.fixture
def mock() -> Mock:
    return Mock()


@pytest.fixture
def url(server: Server) -> str:
    return server.url


@pytest.fixture
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Shell:
    """A shell that knows of no tenant. With the mark `e2e` each command is a process."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    measured = {name: value for name, value in os.environ.items() if name.startswith("COV")}
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    forks = request.node.get_closest_marker("e2e") is not None
    return Shell(tmp_path, {**kept, **measured, **state, "COLUMNS": "100"}, forks=forks)


@pytest.fixture
def shell(bare: Shell, mock: Mock, server: Server) -> Shell:
    """A shell that is signed in to the mock tenant."""
    bare.environment |= {
        "GRAPHPOLICY_GRAPH_URL": server.url,
        "GRAPHPOLICY_ACCESS_TOKEN": mock.token,
        # Graph is on http here, and all the system's authorities take a third of a command's time.
        "SSL_CERT_FILE": str(server.certificate),
    }
    return bare
