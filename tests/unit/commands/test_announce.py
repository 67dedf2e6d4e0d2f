"""The plan and the templates of an announcement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.announce.texts import FILES, default_files
from graphpolicy.commands.announce import proposed, read_proposals, texts_of, write_templates
from graphpolicy.commands.plan_file import PlanFileError
from graphpolicy.model import Failure, Finding, Tenant
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style, render
from tests.unit.render.reports import TENANT, plan, weak_plan

REFUSING = Finding("last-mfa-method", "error", "nobody could sign in")


def saved(folder: Path, *plans: Any, **changed: Any) -> str:
    data = json.loads(render(Report("plan", plans), "json", Style()))
    file = folder / "plan.json"
    file.write_text(json.dumps({**data, **changed}), encoding="utf-8")
    return str(file)


def test_a_saved_plan_is_read(tmp_path: Path) -> None:
    (found,) = read_proposals(saved(tmp_path, weak_plan()), None)
    assert not isinstance(found, Failure)
    assert [change.path for change in found.changes] == ["state", "state"]


@pytest.mark.parametrize("version", ["2", None, 1])
def test_another_format_is_refused(tmp_path: Path, version: Any) -> None:
    with pytest.raises(PlanFileError, match="format_version") as caught:
        read_proposals(saved(tmp_path, weak_plan(), format_version=version), None)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("plans", [[{}], 7, [{"tenant": {"name": "x"}}], [None]])
def test_what_is_no_whole_plan_is_refused(tmp_path: Path, plans: Any) -> None:
    with pytest.raises(PlanFileError, match="incomplete") as caught:
        read_proposals(saved(tmp_path, plans=plans), None)
    assert caught.value.exit_code == 3


def test_a_report_without_a_plan_says_why(tmp_path: Path) -> None:
    findings = [{"message": "nonsense is no key"}]
    with pytest.raises(PlanFileError, match="contains no plan: nonsense is no key") as caught:
        read_proposals(saved(tmp_path, findings=findings), None)
    assert caught.value.exit_code == 1


def test_one_tenant_of_several_is_picked(tmp_path: Path) -> None:
    other = plan(tenant=Tenant("fabrikam", "2" * 8 + TENANT.id[8:]))
    file = saved(tmp_path, weak_plan(), other)
    assert [each.tenant.name for each in read_proposals(file, "fabrikam")] == ["fabrikam"]
    assert [each.tenant.name for each in read_proposals(file, TENANT.id.upper())] == ["contoso"]
    with pytest.raises(PlanFileError, match="no plan for tenant 'x'") as caught:
        read_proposals(file, "x")
    assert caught.value.help == "its tenants are: contoso, fabrikam"


def test_a_tenant_that_could_not_be_planned_is_a_failure(tmp_path: Path) -> None:
    failure = Failure(TENANT, "contoso.yaml", "graph-error", "Graph refused GET", exit_code=4)
    (live,) = proposed([failure])
    assert live == failure
    (found,) = read_proposals(saved(tmp_path, failure), None)
    assert isinstance(found, Failure)
    assert "contains no plan for it: Graph refused GET" in found.message
    assert found.exit_code == 1


def test_a_refused_plan_is_not_announced(tmp_path: Path) -> None:
    refused = weak_plan(findings=(REFUSING,))
    for (found,) in (proposed([refused]), read_proposals(saved(tmp_path, refused), None)):
        assert isinstance(found, Failure)
        assert (found.code, found.exit_code) == ("refused", 6)
        assert "last-mfa-method" in found.message


def test_an_error_refuses_a_plan_without_changes_as_well(tmp_path: Path) -> None:
    quiet = plan(findings=(REFUSING,))
    for (found,) in (proposed([quiet]), read_proposals(saved(tmp_path, quiet), None)):
        assert isinstance(found, Failure)


def test_templates_are_written_and_what_is_there_stays(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "texts"
    written, left = write_templates(str(folder))
    assert [Path(file).name for file in written] == list(FILES)
    assert left == []
    assert {file.name: file.read_text("utf-8") for file in folder.iterdir()} == default_files()
    (folder / "message.txt").write_text("mine", encoding="utf-8")
    written, left = write_templates(str(folder))
    assert (written, len(left)) == ([], len(FILES))
    assert (folder / "message.txt").read_text("utf-8") == "mine"


def test_templates_of_a_team_are_taken_or_every_mistake_is_told(tmp_path: Path) -> None:
    write_templates(str(tmp_path))
    texts, mistakes = texts_of(str(tmp_path))
    assert mistakes == []
    assert texts.fill("closing") == "Questions? The helpdesk knows about this."
    (tmp_path / "message.txt").write_text("[subject]\n$wrong\n", encoding="utf-8-sig")
    (tmp_path / "picture.txt").unlink()
    _, mistakes = texts_of(str(tmp_path))
    assert f"{tmp_path / 'picture.txt'}: the file is missing" in mistakes
    assert any(each.startswith(f"{tmp_path / 'message.txt'}:1: ") for each in mistakes)


def test_what_can_not_be_read_is_told_by_itself(tmp_path: Path) -> None:
    write_templates(str(tmp_path))
    (tmp_path / "message.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "picture.txt").unlink()
    (tmp_path / "picture.txt").mkdir()
    _, mistakes = texts_of(str(tmp_path))
    assert len(mistakes) == 2
    assert "it is not UTF-8" in mistakes[0]
    assert "picture.txt: it can't be read: " in mistakes[1]


def test_a_folder_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    folder = str(tmp_path / "none")
    assert texts_of(folder)[1] == [f"{folder}: this folder does not exist"]


def test_a_folder_without_texts_misses_every_file(tmp_path: Path) -> None:
    _, mistakes = texts_of(str(tmp_path))
    assert mistakes == [str(tmp_path / f"{name}: the file is missing") for name in FILES]
