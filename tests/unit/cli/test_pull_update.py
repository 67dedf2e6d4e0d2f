"""`pull --update`, if there is nothing to ask a tenant."""

from __future__ import annotations

import pytest

from graphpolicy.cli import main


def test_standard_input_is_no_file_to_update(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["pull", "--update", "-"])
    assert ended.value.code == 64
    assert "name the file" in capsys.readouterr().err
