"""A pytest fixture for other people's tests: `pytest_plugins = ["graphpolicy.mock.pytest_plugin"]`.

For a mock of one's own kind, a seed, an era, a snapshot, use `serve` as a context manager.
"""

from collections.abc import Iterator

import pytest

from .mock import Mock
from .server import Server, serve


@pytest.fixture(scope="session", name="_graphpolicy_server")
def _server() -> Iterator[Server]:
    with serve() as server:
        yield server


@pytest.fixture
def mock_graph(_graphpolicy_server: Server) -> Server:
    """A mock Graph of its own for each test: `.url`, `.token`, `.authority`, `.mock`.

    All tests of a session find it at the same addresses, with no trace of the test before.
    """
    _graphpolicy_server.show(Mock())
    return _graphpolicy_server
