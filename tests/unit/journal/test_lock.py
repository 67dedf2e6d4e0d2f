"""One run at a time for each tenant and machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphpolicy.journal.folder import RunError
from graphpolicy.journal.lock import locked
from graphpolicy.model import Tenant
from tests.laws.situations import TENANT_ID

CONTOSO = Tenant("contoso", TENANT_ID)
OTHER = Tenant("other", "22222222-2222-4333-8444-555555555555")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")
    return tmp_path / "state"


def test_a_tenant_is_locked_once_by_its_id_whatever_it_is_called() -> None:
    with locked(CONTOSO):
        with (
            pytest.raises(RunError, match="another run for prod is in progress") as caught,
            locked(Tenant("prod", TENANT_ID)),
        ):
            pass
        assert "nothing was written" in caught.value.text
        assert f"process {os.getpid()}, graphpolicy apply, since " in caught.value.text
        assert f"kill {os.getpid()}" in caught.value.help or os.name == "nt"
        with locked(OTHER):
            pass


def test_a_lock_is_given_back_also_after_a_failure(state: Path) -> None:
    with pytest.raises(KeyError), locked(CONTOSO):
        raise KeyError
    with locked(CONTOSO):
        if os.name == "posix":  # on Windows the access list of the folder above decides
            assert (state / "locks").stat().st_mode & 0o777 == 0o700


def test_a_failure_while_it_is_held_is_not_taken_for_one_of_the_lock() -> None:
    with pytest.raises(OSError, match="unrelated"), locked(CONTOSO):
        raise OSError("unrelated")


def test_a_state_folder_that_cannot_be_used_is_said(state: Path) -> None:
    state.write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="can't be used for locks"), locked(CONTOSO):
        pass


def test_a_lock_is_not_opened_through_a_link(state: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("theirs", encoding="utf-8")
    (state / "locks").mkdir(parents=True)
    (state / "locks" / f"{TENANT_ID}.lock").symlink_to(theirs)
    with pytest.raises(RunError, match="link"), locked(CONTOSO):
        pass
    assert theirs.read_text(encoding="utf-8") == "theirs"
