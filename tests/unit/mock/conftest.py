"""The mock on a real socket, and clients of it."""

from collections.abc import Iterator

import httpx
import pytest

from graphpolicy.mock import Mock, serve


@pytest.fixture(scope="module", name="served")
def _served() -> Iterator[tuple[Mock, str]]:
    mock = Mock()
    with serve(mock) as server:
        yield mock, server.url


@pytest.fixture
def mock(served: tuple[Mock, str]) -> Mock:
    served[0].reset()
    return served[0]


@pytest.fixture
def graph(mock: Mock, served: tuple[Mock, str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {mock.token}"}
    with httpx.Client(base_url=served[1], headers=headers) as client:
        yield client


@pytest.fixture
def control(mock: Mock, served: tuple[Mock, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{served[1]}/_mock") as client:
        yield client
