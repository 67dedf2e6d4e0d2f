"""The verb explain, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphpolicy.catalogue import RESOURCES
from graphpolicy.cli import main
from graphpolicy.policyfile.json_schema import schema
from tests.unit.test_startup import loaded


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["explain", *arguments])
    done = capsys.readouterr()
    return ended.value.code, done.out, done.err


def test_a_setting_by_the_portals_label_without_quotes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "Require", "one-time", "use")
    assert (code, err) == (0, "")
    assert out.startswith("Require one-time use\nTemporaryAccessPass.isUsableOnce\n")


def test_without_a_name_it_lists_the_methods(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys)
    assert code == 0
    assert "\nSms                          SMS\n" in out
    assert len(out.splitlines()) < 20
    assert run(capsys, "--all", "TAP")[0] == 64


def test_everything_is_listed_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--all")
    assert code == 0
    assert "\nTemporaryAccessPass  Temporary Access Pass\n" in out
    assert "\nRules about values that must fit together\n" in out


def test_a_name_that_many_have_gives_the_list_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "state")
    assert code == 0
    assert "\nSms  SMS\n  state" in out
    assert "takes" not in out


def test_a_mistyped_name_is_told_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "defaultLenght")
    assert (code, out) == (64, "")
    assert "rule or key is called 'defaultLenght'. Did you mean 'defaultLength'?" in err


def test_every_key_of_a_policy_file_has_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    for name, node in schema()["properties"].items():
        code, out, _ = run(capsys, name, "--format", "json")
        assert code == 0, name
        [*keys] = json.loads(out)["keys"]
        if name in RESOURCES:
            assert not keys
        else:
            assert [(key["id"], key["about"]) for key in keys] == [(name, node["description"])]
    code, out, _ = run(capsys, "rollouts", "--format", "json")
    assert "NAME.waves[].needs.soakDays" in json.loads(out)["keys"][0]["keys"]
    for words in (["soakDays"], ["rollouts.waves.needs.soakDays"]):
        code, out, _ = run(capsys, *words)
        assert (code, "a whole number" in out) == (0, True)
    code, _, err = run(capsys, "rolouts")
    assert (code, "'rollouts'" in err) == (64, True)


def test_a_name_like_none_points_to_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "zebra")
    assert code == 64
    assert "`graphpolicy explain --all` lists all of them." in err


def test_a_name_can_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "\x1b[2Jzebra")
    assert code == 64
    assert "\x1b" not in err


def test_json_of_everything(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--all", "--format", "json")
    document = json.loads(out)
    assert code == 0
    assert len(document["methods"]) == len(RESOURCES)
    assert len(document["settings"]) > 130
    assert {"tap-lifetime-order", "dangling-target"} <= {rule["id"] for rule in document["rules"]}


def test_it_goes_by_the_facts_that_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text(
        "as_of: '2099-01-01'\nlimits:\n  - {name: passkey-profiles, value: 12, status: complete, "
        "as_of: '2098-12', source: 'https://example.org/x'}\n",
        encoding="utf-8",
    )
    code, out, _ = run(capsys, "--facts", str(file), "passkeyProfiles")
    assert code == 0
    assert "12 profiles (as of 2098-12)" in out
    assert out.endswith(
        "Microsoft's defaults, limits and retirements were last checked on 2099-01-01.\n"
    )


def test_it_loads_neither_the_sdk_nor_sign_in_nor_rich() -> None:
    heavy = {"msgraph", "azure", "httpx", "rich", "asyncio", "jsonschema"}
    assert not loaded("explain", "numberMatchingRequiredState") & heavy


def test_a_file_gets_the_format_of_its_suffix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, data = tmp_path / "page.md", tmp_path / "page.json"
    code, out, _ = run(capsys, "Sms", "-o", str(page), "-o", str(data))
    assert (code, out) == (0, "")
    assert "## SMS: `Sms`" in page.read_text(encoding="utf-8")
    assert json.loads(data.read_text(encoding="utf-8"))["methods"][0]["name"] == "Sms"
