"""The HTTP client: proxies and certificates."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from graphpolicy.graph.connection import connection
from graphpolicy.graph.session import open_session
from graphpolicy.model.errors import UsageError

Clock: TypeAlias = Any


@pytest.mark.parametrize("name", ["missing.pem", "rubbish.pem"])
def test_certificates_that_cannot_be_read_are_a_usage_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "rubbish.pem").write_text("no certificate", encoding="ascii")

    async def go() -> None:
        made = connection({"SSL_CERT_FILE": str(tmp_path / name)})
        async with open_session(made, lambda _: None):
            pass

    with pytest.raises(UsageError) as refused:
        asyncio.run(go())
    assert refused.value.exit_code == 64


def test_a_folder_of_certificates_is_accepted(tmp_path: Path) -> None:
    async def go() -> None:
        async with open_session(connection({"SSL_CERT_FILE": str(tmp_path)}), lambda _: None):
            pass

    asyncio.run(go())
