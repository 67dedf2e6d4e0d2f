"""What every test may use: servers that the tests of a session share, and all the processors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graphpolicy.mock import Mock, Server, serve


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Use all the processors for the whole suite; a file by its name is quicker without."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if whole and config.option.numprocesses is None and not config.option.usepdb:
        config.option.numprocesses = "auto"
        config.option.dist = "worksteal"


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
