"""What a token says of itself."""

from __future__ import annotations

import pytest

from graphpolicy.graph.tokens import token_tenant


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.!!.c", "a.W10.c", "a.eyJ0aWQiOjF9.c"])
def test_an_opaque_token_has_no_tenant(token: str) -> None:
    assert token_tenant(token) is None
