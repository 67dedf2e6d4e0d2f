"""Every way to end: its exit code and its message."""

from __future__ import annotations

import pytest

from graphpolicy.cli import main


def test_what_nobody_expected_is_told_without_a_token_and_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    token = "eyJhbGciOiJub25lIn0.eyJ0aWQiOiJ4In0.c2ln"

    def stumbles(*_: object) -> None:
        raise RuntimeError(f"illegal header 'Bearer {token}'\x1b[31m")

    monkeypatch.setattr("graphpolicy.policyfile.load.load", stumbles)
    with pytest.raises(SystemExit) as ended:
        main(["validate"])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("error: internal error: RuntimeError: illegal header 'Bearer ***'")
    assert "--debug" in said
    assert not [word for word in (token, "Traceback", "\x1b") if word in said]
