"""A pytest fixture for other people's tests: `pytest_plugins = ["graphpolicy.mock.pytest_plugin"]`.

For a mock of one's own kind, a seed, an era, a snapshot, use `serve` as a context manager.
"""

from collections.abc import Iterator

import pytest

from .server import Server, serve


@pytest.fixture
def mock_graph() -> Iterator[Server]:
    """A mock Graph of its own for each test: `.url`, `.token`, `.authority`, `.mock`."""
    with serve() as server:
        yield server
