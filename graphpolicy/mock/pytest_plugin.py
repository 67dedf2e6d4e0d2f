"""A pytest fixture for other people's tests: `pytest_plugins = ["graphpolicy.mock.pytest_plugin"]`.

For a mock with another seed, era or snapshot use `serve` as a context manager.
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

    All tests of a session have the same addresses, but each starts with a new state.
    """
    _graphpolicy_server.show(Mock())
    return _graphpolicy_server
