"""Defaults for flags: which source wins, and what a file in the repository may set."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from graphpolicy.cli import main
from graphpolicy.cli.flag_defaults import PARAMETERS
from graphpolicy.cli.options import AUTH_CHOICES
from graphpolicy.cli.verbs import cli
from graphpolicy.commands.base_revision import changed_defaults
from graphpolicy.commands.defaults import FORBIDDEN, KEYS, defaults, policies_there
from graphpolicy.commands.init import CODEOWNERS
from graphpolicy.model.errors import UsageError

ID = "11111111-2222-4333-8444-555555555555"
POLICY = f"version: 1\ntenant: {{name: contoso, id: {ID}}}\n"
EVERY = f"""\
paths = ["tenants", 'more/b.yaml']
tenant = ["contoso", "fabrikam"]
state-dir = "records"
auth = "cli"
client-id = "{ID}"
format = "json"
"color" = "never"
quiet = true
verbose = false
"""


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose policies are in another folder than policies/."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "tenants").mkdir()
    (tmp_path / "tenants" / "contoso.yaml").write_text(POLICY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(text: str, name: str = "graphpolicy.toml") -> None:
    Path(name).write_text(text, encoding="utf-8")


def found(environment: Mapping[str, str] | None = None) -> dict[str, tuple[tuple[str, ...], str]]:
    values = defaults(environment or {}).values
    return {name: (one.values, one.source) for name, one in values.items()}


def wrong() -> list[str]:
    return [str(finding.source) for finding in defaults({}).findings]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_every_key_is_a_flag_and_takes_what_the_flag_takes() -> None:
    assert KEYS.keys() == PARAMETERS.keys()
    assert {*KEYS["auth"].words} == {*AUTH_CHOICES}
    assert not KEYS.keys() & FORBIDDEN.keys()
    write(EVERY)
    assert wrong() == []
    assert found().keys() == KEYS.keys()
    assert found()["color"] == (("never",), "graphpolicy.toml:7:1")
    assert found()["paths"][0] == ("tenants", "more/b.yaml")


def test_a_variable_wins_over_the_file_and_the_nearest_file_counts(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(EVERY)
    variables = {
        f"GRAPHPOLICY_{name.upper().replace('-', '_')}": value
        for name, value in {
            "paths": "a,b",
            "tenant": "x, y",
            "state-dir": "/records",
            "auth": "managed",
            "client-id": ID,
            "format": "text",
            "color": "auto",
            "quiet": "false",
            "verbose": "true",
        }.items()
    }
    assert {source for _, source in found(variables).values()} == variables.keys()
    assert found(variables)["tenant"][0] == ("x", "y")
    (repository / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(repository / "deep" / "er")
    assert found()["state-dir"] == (("../../records",), "../../graphpolicy.toml:3:1")
    write('[project]\nname = "x"\n[ tool . "graphpolicy" ]\ntenant = "own"\n', "pyproject.toml")
    assert found() == {"tenant": (("own",), "pyproject.toml:4:1")}
    write("[project\nthis is no TOML", "pyproject.toml")
    assert found()["auth"][0] == ("cli",)


@pytest.mark.parametrize(
    ("variable", "value"),
    [("AUTH", "clii"), ("TENANT", ""), ("CLIENT_ID", "7"), ("QUIET", "yes"), ("PATHS", "a,,b")],
)
def test_a_variable_with_a_value_that_the_flag_does_not_take_is_a_usage_error(
    variable: str, value: str
) -> None:
    with pytest.raises(UsageError, match=f"GRAPHPOLICY_{variable}: "):
        defaults({f"GRAPHPOLICY_{variable}": value})


def test_a_mistyped_variable_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHPOLICY_TENNANT", "contoso")
    monkeypatch.setenv("GRAPHPOLICY_VERSION_OF_OURS", "1.2")
    assert run("validate", "tenants") == 0
    assert capsys.readouterr().err == (
        "warning: the variable GRAPHPOLICY_TENNANT does nothing: did you mean GRAPHPOLICY_TENANT?\n"
    )


def test_each_mistake_in_the_file_has_its_place() -> None:
    (Path("out")).symlink_to(Path.cwd().parent)
    lines = {
        "tennant = 'x'": "1:1",
        "  'state_dir' = 'x'": "1:3",
        "format = 'jsno'": "1:1",
        "format = ['json']": "1:1",
        "quiet = 'true'": "1:1",
        "tenant = []": "1:1",
        "tenant = [1]": "1:1",
        "paths = ['..']": "1:1",
        "paths = ['tenants', '/etc']": "1:1",
        "paths = ['out/elsewhere']": "1:1",
        "paths = ['C:\\policies']": "1:1",
        "paths = ['//server/share']": "1:1",
        "state-dir = 'out'": "1:1",
        "client-id = 'an app'": "1:1",
        "[auth]\nname = 'cli'": "1:2",
        "auth.name = 'cli'": "1:1",
        "auth = ": "1:8",
        "auth = 'cli'\nauth = 'cli'": "2:13",
        **{f"{name} = true": "1:1" for name in FORBIDDEN},
        **{f"{name.replace('-', '_').upper()} = 'x'": "1:1" for name in FORBIDDEN},
    }
    places = {}
    for text in lines:
        write(f"{text}\n")
        places[text] = wrong()
        assert defaults({}).values == {}, text
    assert places == {text: [f"graphpolicy.toml:{at}"] for text, at in lines.items()}


def test_a_file_that_is_none_or_leads_away_is_an_error(repository: Path) -> None:
    for raw in (b"\xff = 1", b"x = " + b"[" * 5000, b"#" * 70_000):
        Path("graphpolicy.toml").write_bytes(raw)
        assert wrong() == ["graphpolicy.toml"], raw[:9]
    outside = repository.parent / f"{repository.name}.toml"
    outside.write_text('tenant = "contoso"', encoding="utf-8")
    Path("graphpolicy.toml").unlink()
    Path("graphpolicy.toml").symlink_to(outside)
    assert wrong() == ["graphpolicy.toml"]


def test_in_a_job_sign_in_and_records_do_not_come_from_the_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(EVERY)
    job = {"CI": "true"}
    left = {"state-dir", "auth", "client-id"}
    assert found(job).keys() == KEYS.keys() - left
    assert {one.name for one in defaults(job).left_out} == left
    assert found({**job, "GRAPHPOLICY_AUTH": "managed"})["auth"][0] == ("managed",)
    assert {one.name for one in defaults({**job, "GRAPHPOLICY_AUTH": "cli"}).left_out} == (
        left - {"auth"}
    )
    monkeypatch.setenv("CI", "true")
    run("doctor", "--state-dir", "here", "nowhere.yaml")
    said = capsys.readouterr().err
    assert "graphpolicy.toml:4:1: auth does not count in a job" in said
    assert "state-dir does not count" not in said


def test_a_flag_wins_before_the_verb_and_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    write('paths = ["tenants"]\nformat = "json"\n')
    assert run("validate") == 0
    assert json.loads(capsys.readouterr().out)["files"] == ["tenants/contoso.yaml"]
    assert run("validate", "--format", "text") == 0
    assert capsys.readouterr().out == "1 file, 0 errors, 0 warnings\n"
    write('format = "csv"\nverbose = true')
    assert run("validate", "tenants") == 0, "a format that this verb does not have"
    told = capsys.readouterr()
    assert told.out == "1 file, 0 errors, 0 warnings\n"
    assert "verbose is true, from graphpolicy.toml:2:1" in told.err
    write("verbose = false")
    assert run("validate", "tenants") == 0
    assert capsys.readouterr().err == ""


def test_a_mistake_stops_what_works_with_policies_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write('tenannt = "contoso"\nformat = "json"\n')
    assert run("plan", "tenants") == 1
    assert "graphpolicy.toml:1:1: error[invalid-default]" in capsys.readouterr().err
    assert run("plan", "--format", "json", "tenants") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["plans"] == []
    assert [each["rule"] for each in document["findings"]] == ["invalid-default"]
    assert run("validate", "--format", "json", "tenants") == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["rule"], finding["source"]["line"]) == ("invalid-default", 1)
    assert run("explain", "Sms.state") == 0


def test_house_rules_are_not_lost_where_the_chosen_paths_are_missing() -> None:
    write('paths = ["gone"]')
    with pytest.raises(UsageError) as failure:
        policies_there()
    assert failure.value.exit_code == 1


def test_a_file_without_an_owner_is_found_where_its_policies_have_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write('paths = ["tenants"]')
    rules = []
    for text in ("/tenants/ @org/identity\n", CODEOWNERS.format(owners="@org/identity"), "x @y\n"):
        write(text, "CODEOWNERS")
        assert run("validate", "--format", "json") == 0
        rules.append([one["rule"] for one in json.loads(capsys.readouterr().out)["findings"]])
    assert rules == [["unowned-file"], [], []]


def test_a_pull_request_shows_each_default_that_it_changes(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", *who, *arguments], check=True, capture_output=True)

    def changed() -> dict[str, bool]:
        return {one.path: one.weaker for one in changed_defaults("HEAD")}

    (repository / ".git").rmdir()
    git("init", "-q")
    write('paths = ["tenants"]\ntenant = ["contoso", "fabrikam"]\nformat = "text"\n')
    git("add", ".")
    git("commit", "-qm", "base")
    assert changed() == {}
    monkeypatch.chdir(repository / "tenants")
    assert changed() == {}
    write('paths = ["."]\nauth = "cli"\ntenant = ["fabrikam"]\nformat = "json"\n')
    assert changed() == {"tenant": True, "auth": True, "format": False}
    write('paths = [".."]\ntenant = ["contoso", "fabrikam", "adatum"]\nformat = "text"\n')
    assert changed() == {"paths": True, "tenant": False}
    Path("graphpolicy.toml").unlink()
    Path("../graphpolicy.toml").unlink()
    assert changed() == {"paths": True, "tenant": False, "format": False}


def test_the_verbs_have_the_parameters_that_defaults_stand_for() -> None:
    import click

    context = click.Context(cli)
    plan = cli.get_command(context, "plan")
    assert plan is not None
    assert {*PARAMETERS.values()} <= {parameter.name for parameter in plan.params}
