"""`--facts`: a bad file stops a run before it begins; old facts say that they are old."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphpolicy.catalogue.facts import Facts
from graphpolicy.cli import main
from graphpolicy.cli.facts_option import age


@pytest.mark.parametrize("verb", ["plan", "drift", "apply", "validate", "explain"])
def test_a_bad_file_of_facts_stops_the_run_with_its_place(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text("limits: [{name: policy-sise, value: 1}]\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([verb, "--facts", str(file)])
    assert ended.value.code == 1
    err = capsys.readouterr().err
    assert f"{file}:1:10: error[missing-key]" in err
    assert all(key in err for key in ("limits", "status", "as_of", "source"))
    assert "error: the facts file has errors; nothing was done" in err


AGES = {
    "the same day": ("2026-11-24", "2026-11-24", 0),
    "half a year": ("2026-11-24", "2027-05-24", 181),
    "a month alone": ("2026-11", "2026-11-24", 23),
}


@pytest.mark.parametrize("case", AGES.values(), ids=AGES.keys())
def test_the_age_of_facts(case: tuple[str, str, int]) -> None:
    as_of, today, days = case
    assert age(Facts(as_of), today) == days


def test_old_facts_are_said_to_be_old_and_fresh_ones_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "facts.yaml"
    for as_of, old in (("2021-03-05", True), ("2099-01-01", False)):
        file.write_text(f"as_of: '{as_of}'\n", encoding="utf-8")
        with pytest.raises(SystemExit):
            main(["plan", "--facts", str(file), str(tmp_path / "nothing")])
        said = f"were last checked on {as_of}, "
        assert (said in capsys.readouterr().err) is old


PROFILES = """\
version: 1
tenant: {id: 11111111-2222-4333-8444-555555555555, cloud: CLOUD}
authenticationMethodsPolicy:
  authenticationMethodConfigurations:
    Sms: {state: enabled}
    Fido2:
      passkeyProfiles:
"""
PROFILE = "        P%d: {passkeyTypes: [deviceBound], attestationEnforcement: disabled}\n"


def validated(
    folder: Path, capsys: pytest.CaptureFixture[str], *flags: str, cloud: str = "global"
) -> str:
    file = folder / "policy.yaml"
    text = PROFILES.replace("CLOUD", cloud) + "".join(PROFILE % number for number in range(11))
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["validate", *flags, str(file)])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_validate_goes_by_the_facts_that_it_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "11 entries; Microsoft allows 10, as of 2026-06" in validated(tmp_path, capsys)
    own = tmp_path / "facts.yaml"
    own.write_text(
        "limits:\n  - {name: passkey-profiles, value: 12, status: complete, as_of: '2027-01', "
        "source: 'https://example.org/x'}\n",
        encoding="utf-8",
    )
    assert "Microsoft allows" not in validated(tmp_path, capsys, "--facts", str(own))


def test_validate_goes_by_the_facts_of_the_tenants_cloud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Sms ends on 2027-02-01" in validated(tmp_path, capsys)
    assert "Sms ends" not in validated(tmp_path, capsys, cloud="usgov")
