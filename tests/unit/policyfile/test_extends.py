"""Files that extend others: what wins, what is combined, and where a base may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphpolicy.model import EVERYONE, Named
from graphpolicy.policyfile.bases import Bases
from graphpolicy.policyfile.load import Policies, load

TENANT = "tenant: {name: prod, id: 11111111-2222-4333-8444-555555555555}\n"
PILOT = "0d1c2b3a-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the policies that the tests write."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "policies").mkdir()
    return tmp_path


def write(name: str, text: str) -> None:
    path = Path("policies", name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"version: 1\n{text}", encoding="utf-8")


def methods(text: str) -> str:
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return f"authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n{lines}"


def said(policies: Policies) -> list[str]:
    return [f"{found.source} {found.rule}: {found.message}" for found in policies.findings]


def tree(resource: str, path: str = "policies/prod.yaml") -> Any:
    policies = load([path])
    assert said(policies) == []
    [desired] = policies.desired
    return next(item.tree for item in desired.resources if item.resource == resource)


def test_maps_merge_and_values_and_lists_replace() -> None:
    app = "MicrosoftAuthenticator:\n  state: enabled\n  isSoftwareOathEnabled: true\n"
    write("base.yaml", methods(f"{app}  includeTargets: [{{group: A}}, {{group: B}}]"))
    child = "MicrosoftAuthenticator: {state: disabled, includeTargets: [{group: C}]}"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{methods(child)}")
    assert tree("MicrosoftAuthenticator") == {
        "state": "disabled",
        "isSoftwareOathEnabled": True,
        "includeTargets": [{"targetType": "group", "id": Named("C")}],
    }


def test_a_short_form_merges_into_the_map_that_it_stands_for() -> None:
    feature = "MicrosoftAuthenticator: {featureSettings: {displayAppInformationRequiredState: %s}}"
    long = "{state: enabled, includeTarget: all_users}"
    write("base.yaml", methods(feature % long))
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{methods(feature % 'default')}")
    settings = tree("MicrosoftAuthenticator")["featureSettings"]
    assert settings["displayAppInformationRequiredState"] == {
        "state": "default",
        "includeTarget": {"targetType": "group", "id": EVERYONE},
    }


def test_the_places_of_a_merged_policy_lead_to_the_file_that_says_it() -> None:
    write("base.yaml", methods("Sms: {state: enabled}\nVoice: {state: disabled}"))
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{methods('Sms: {state: disabled}')}")
    [desired] = load(["policies/prod.yaml"]).desired
    places = {item.resource: str(item.place(("state",))) for item in desired.resources}
    assert places == {"Sms": "policies/prod.yaml:6:11", "Voice": "policies/base.yaml:5:13"}
    assert desired.bases == ("policies/base.yaml",)


def test_bases_are_laid_over_each_other_in_their_order_each_once() -> None:
    write("root.yaml", methods("Sms: {state: enabled}\nVoice: {state: enabled}"))
    write("left.yaml", f"extends: [root.yaml]\n{methods('Sms: {state: disabled}')}")
    write("right.yaml", f"extends: [root.yaml]\n{methods('Voice: {state: disabled}')}")
    write("prod.yaml", f"extends: [left.yaml, right.yaml]\n{TENANT}")
    assert tree("Sms") == {"state": "disabled"}
    assert tree("Voice") == {"state": "disabled"}


def test_passkey_profiles_of_one_name_merge() -> None:
    write("base.yaml", methods("Fido2: {passkeyProfiles: {P: {passkeyTypes: [deviceBound]}}}"))
    more = "Fido2: {passkeyProfiles: {P: {attestationEnforcement: disabled}, Q: {}}}"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{methods(more)}")
    assert tree("Fido2")["passkeyProfiles"] == [
        {"name": "P", "passkeyTypes": "deviceBound", "attestationEnforcement": "disabled"},
        {"name": "Q"},
    ]


def test_a_list_of_targets_may_be_altered() -> None:
    listed = f"Sms: {{includeTargets: [{{group: A}}, {{group: B, id: {PILOT}}}]}}"
    write("base.yaml", methods(listed))
    change = f"Sms: {{includeTargets: {{add: [{{group: C}}], remove: [{{id: {PILOT}}}]}}}}"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{methods(change)}")
    assert [entry["id"] for entry in tree("Sms")["includeTargets"]] == [Named("A"), Named("C")]


def test_a_target_that_is_added_again_brings_its_own_properties() -> None:
    write("base.yaml", methods("Sms: {includeTargets: [{group: A}, {group: B}]}"))
    change = "Sms: {includeTargets: {add: [{group: A, isUsableForSignIn: false}]}}"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{methods(change)}")
    assert tree("Sms")["includeTargets"] == [
        {"targetType": "group", "id": Named("A"), "isUsableForSignIn": False},
        {"targetType": "group", "id": Named("B")},
    ]


def test_what_is_removed_must_be_there_and_what_is_altered_too() -> None:
    write("base.yaml", methods("Sms: {includeTargets: [{group: A}]}"))
    change = "Sms: {includeTargets: {remove: [{group: a}]}, excludeTargets: {add: [{group: B}]}}"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{methods(change)}")
    remove, alter = said(load(["policies"]))
    assert remove.startswith("policies/prod.yaml:6:37 nothing-to-remove: Sms.includeTargets ")
    assert "'a'" in remove
    assert alter.startswith("policies/prod.yaml:6:51 nothing-to-alter: Sms.excludeTargets ")


@pytest.mark.parametrize(
    ("alias", "expected"),
    [
        ("{group: SG-Pilot}", Named("SG-Pilot")),
        (f"{{group: SG-Pilot, id: {PILOT}}}", Named("SG-Pilot", PILOT)),
        (f"{{id: {PILOT}}}", PILOT),
        ("{group: all_users}", EVERYONE),
    ],
)
def test_an_alias_of_a_base_means_what_the_tenants_file_says(alias: str, expected: Any) -> None:
    write("base.yaml", methods("Sms: {includeTargets: [{alias: pilot}]}"))
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}groups: {{pilot: {alias}}}\n")
    assert tree("Sms")["includeTargets"] == [{"targetType": "group", "id": expected}]
    assert said(load(["policies/base.yaml"])) == []


def test_an_alias_that_no_file_defines_is_an_error_where_it_is_used() -> None:
    write("base.yaml", methods("Sms: {includeTargets: [{alias: pilot}]}"))
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}groups: {{pilots: {{group: X}}}}\n")
    policies = load(["policies"])
    (line,) = said(policies)
    assert line.startswith("policies/base.yaml:4:28 unknown-alias: 'pilot' ")
    assert line.endswith("policies/prod.yaml")
    assert policies.findings[0].help == "did you mean 'pilots'?"


def test_an_alias_can_not_stand_for_two_groups() -> None:
    write("base.yaml", "groups: {pilot: {group: A}, same: {group: S}}\n")
    text = "groups: {pilot: {group: B}, same: {group: S}}\n"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{text}")
    (line,) = said(load(["policies"]))
    assert line.startswith("policies/prod.yaml:4:10 alias-twice: ")
    assert "'pilot'" in line
    assert line.endswith("policies/base.yaml:2:10")


def test_everyone_is_not_excluded_by_alias_either() -> None:
    write("base.yaml", methods("Sms: {excludeTargets: [{alias: all}]}"))
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}groups: {{all: {{group: all_users}}}}\n")
    assert [found.rule for found in load(["policies"]).findings] == ["target-reference"]


def test_emergency_accounts_are_united() -> None:
    write("base.yaml", "emergencyAccess: [{group: Break-glass}]\n")
    own = "emergencyAccess: [{user: bg@contoso.com}, {group: break-glass}]\n"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{own}")
    [desired] = load(["policies"]).desired
    assert desired.emergency_access == [{"group": "Break-glass"}, {"user": "bg@contoso.com"}]


def test_a_base_that_knows_no_emergency_account_can_not_be_contradicted() -> None:
    write("base.yaml", "emergencyAccess: {none: Nobody yet}\n")
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}emergencyAccess: [{{group: A}}]\n")
    (line,) = said(load(["policies"]))
    assert line.startswith("policies/prod.yaml:4:18 emergency-access: ")
    assert "policies/base.yaml:2:1" in line


def test_the_tenant_is_never_that_of_a_base() -> None:
    write("prod.yaml", TENANT + methods("Sms: {state: disabled}"))
    other = "tenant: {name: stage, id: 22222222-2222-4333-8444-555555555555}\n"
    write("stage.yaml", f"extends: [prod.yaml]\n{other}")
    write("lab.yaml", "extends: [prod.yaml]\n")
    policies = load(["policies"])
    assert said(policies) == []
    assert [desired.tenant.name for desired in policies.desired] == ["prod", "stage"]


def test_a_contradiction_between_files_is_found_where_it_arises() -> None:
    tap = "TemporaryAccessPass: {minimumLifetimeInMinutes: 60, maximumLifetimeInMinutes: 480}"
    write("base.yaml", methods(tap))
    own = "TemporaryAccessPass: {maximumLifetimeInMinutes: 30}"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{methods(own)}")
    assert [found.rule for found in load(["policies"]).findings] == ["tap-lifetime-order"]


def test_a_mistake_in_a_base_is_told_once_and_stops_all_who_extend_it() -> None:
    write("base.yaml", methods("Sms: {state: on}"))
    for name, digit in (("dev", 1), ("prod", 2)):
        tenant = f"tenant: {{id: 1111111{digit}-2222-4333-8444-555555555555}}\n"
        write(f"{name}.yaml", f"extends: [base.yaml]\n{tenant}")
    policies = load(["policies"])
    assert [str(found.source) for found in policies.findings] == ["policies/base.yaml:4:18"]
    assert policies.desired == ()


def test_a_base_beside_the_path_is_read_and_named() -> None:
    Path("shared").mkdir()
    Path("shared/base.yaml").write_text("version: 1\n", encoding="utf-8")
    write("prod.yaml", f"extends: [../shared/base.yaml]\n{TENANT}")
    policies = load(["policies"])
    assert said(policies) == []
    assert policies.files == ("policies/prod.yaml", "shared/base.yaml")


def test_without_git_a_base_stays_below_the_path(folder: Path) -> None:
    (folder / ".git").rmdir()
    Path("base.yaml").write_text("version: 1\n", encoding="utf-8")
    write("prod.yaml", f"extends: [../base.yaml]\n{TENANT}")
    assert [found.rule for found in load(["policies"]).findings] == ["extends-outside"]


def test_a_link_does_not_lead_out_of_the_repository(tmp_path_factory: Any) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    secret.write_text("version: 1\nsecret: hunter2\n", encoding="utf-8")
    Path("policies/.base.yaml").symlink_to(secret)
    write("prod.yaml", f"extends: [.base.yaml, /etc/hosts.yaml]\n{TENANT}")
    policies = load(["policies"])
    assert [found.rule for found in policies.findings] == ["extends-outside", "extends-outside"]
    assert "hunter2" not in repr(policies.findings)


@pytest.mark.parametrize(
    ("name", "text"),
    [("values.yaml", "password: hunter2\n"), ("broken.yaml", "hunter2: ["), ("deploy.env", "x")],
)
def test_nothing_is_quoted_from_a_file_that_is_no_policy(name: str, text: str) -> None:
    Path("other").mkdir()
    Path("other", name).write_text(text, encoding="utf-8")
    write("prod.yaml", f"extends: [../other/{name}]\n{TENANT}")
    policies = load(["policies"])
    assert [found.rule for found in policies.findings] == ["extends-not-policy"]
    assert "hunter2" not in repr(policies.findings)


def test_a_ring_of_files_is_one_error_whoever_is_asked_about() -> None:
    write("a.yaml", f"extends: [b.yaml]\n{TENANT}")
    write("b.yaml", "extends: [a.yaml]\n")
    for paths in (["policies"], ["policies/a.yaml"], ["policies/b.yaml"]):
        (found,) = [one for one in load(paths).findings if one.rule == "extends-cycle"]
        assert found.message.endswith(": b.yaml -> a.yaml -> b.yaml")
        assert str(found.source) == "policies/a.yaml:2:11"


def test_hundreds_of_files_that_extend_one_another_are_told_once() -> None:
    """As many messages as for two files, and no file of the cycle counts as sound."""
    names = [f"{number:03}.yaml" for number in range(100)]
    for name in names:
        bases = [names[(int(name[:3]) + step) % 100] for step in range(50)]
        write(name, f"extends: [{', '.join(bases)}]\n{TENANT if name == '007.yaml' else ''}")
    policies = load(["policies"])
    (found,) = policies.findings
    assert (found.rule, str(found.source)) == ("extends-cycle", "policies/000.yaml:2:11")
    assert "5000 entries of extends in 100 files" in found.message
    assert len(found.message) < 200
    assert not policies.sound
    assert not load(["policies/050.yaml"]).sound


def test_a_line_of_bases_has_an_end() -> None:
    for number in range(1, 40):
        write(f"{number}.yaml", f"extends: [{number + 1}.yaml]\n")
    write("40.yaml", "")
    write("prod.yaml", f"extends: [1.yaml]\n{TENANT}")
    found = {finding.rule for finding in load(["policies/prod.yaml"]).findings}
    assert found == {"extends-too-deep"}


def test_a_base_that_is_mistyped() -> None:
    write("baseline.yaml", "")
    write("prod.yaml", f"extends: [base-line.yml, nowhere/baseline.yaml]\n{TENANT}")
    mistyped, elsewhere = load(["policies/prod.yaml"]).findings
    assert (mistyped.rule, elsewhere.rule) == ("missing-file", "missing-file")
    assert "'base-line.yml'" in mistyped.message
    assert "policies/base-line.yml" in mistyped.message
    assert "'baseline.yaml'" in mistyped.help
    assert "'" not in elsewhere.help


def test_what_is_altered_in_a_base_that_is_missing_is_no_mistake_of_its_own() -> None:
    change = "Sms: {includeTargets: {remove: [{group: A}]}}"
    write("prod.yaml", f"extends: [nowhere.yaml]\n{TENANT}{methods(change)}")
    assert [found.rule for found in load(["policies"]).findings] == ["missing-file"]


def test_what_is_removed_may_be_named_by_its_id_in_other_letters() -> None:
    id_ = "0d1c2b3a-0000-4000-8000-00000000000a"
    write("base.yaml", methods(f"Sms:\n  includeTargets: [all_users, {{id: {id_}}}]"))
    remove = f"Sms:\n  includeTargets: {{remove: [{{id: {id_.upper()}}}]}}"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{methods(remove)}")
    assert [target["id"] for target in tree("Sms")["includeTargets"]] == [EVERYONE]


def test_bases_may_stand_twenty_levels_high_and_no_more() -> None:
    write("0.yaml", methods("Sms: {state: disabled}"))
    for level in range(1, 21):
        write(f"{level}.yaml", f"extends: [{level - 1}.yaml]\n")
    write("prod.yaml", f"extends: [19.yaml]\n{TENANT}")
    assert tree("Sms") == {"state": "disabled"}
    write("prod.yaml", f"extends: [20.yaml]\n{TENANT}")
    (found,) = load(["policies/prod.yaml"]).findings
    assert (found.rule, found.level) == ("extends-too-deep", "error")


def test_each_base_is_looked_at_once_whoever_extends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[tuple[str, str]] = []
    problem = Bases._problem

    def counted(self: Bases, file: str, written: str) -> Any:
        looked.append((file, written))
        return problem(self, file, written)

    monkeypatch.setattr(Bases, "_problem", counted)
    names = [f"{number}.yaml" for number in range(40)]
    for name in names:
        write(name, f"extends: [{', '.join(other for other in names if other != name)}]\n")
    rules = {found.rule for found in load(["policies"]).findings}
    assert rules == {"extends-cycle", "no-deployable-file"}
    assert len(looked) == 40 * 39


def test_more_than_fifty_files_below_one_are_refused() -> None:
    for number in range(51):
        write(f"{number}.yaml", "")
    write("left.yaml", f"extends: [{', '.join(f'{n}.yaml' for n in range(25))}]\n")
    write("right.yaml", f"extends: [{', '.join(f'{n}.yaml' for n in range(25, 48))}]\n")
    write("prod.yaml", f"extends: [left.yaml, right.yaml]\n{TENANT}")
    assert load(["policies/prod.yaml"]).sound
    write("prod.yaml", f"extends: [left.yaml, right.yaml, 50.yaml]\n{TENANT}")
    assert [found.rule for found in load(["policies/prod.yaml"]).findings] == ["extends-too-deep"]
    write("prod.yaml", f"extends: [{', '.join(f'{n}.yaml' for n in range(51))}]\n{TENANT}")
    assert [found.rule for found in load(["policies/prod.yaml"]).findings] == ["extends-too-deep"]


def test_two_emergency_groups_of_one_name_are_two_if_their_ids_are() -> None:
    ids = ["0d1c2b3a-0000-4000-8000-00000000000a", "0d1c2b3a-0000-4000-8000-00000000000b"]
    one, other = (f"emergencyAccess: [{{group: Break-glass, id: {id_}}}]\n" for id_ in ids)
    write("base.yaml", one)
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{other}")
    [desired] = load(["policies/prod.yaml"]).desired
    assert [entry["id"] for entry in desired.emergency_access] == ids


def test_house_rules_merge_and_the_last_file_decides_each_key() -> None:
    refuse = "refuse: [{role: any}, {group: Executives}]"
    write("base.yaml", f"helpdesk: {{maxLifetimeInMinutes: 60, once: true, {refuse}}}\n")
    child = "helpdesk: {maxLifetimeInMinutes: 30, refuse: [{role: any}]}\n"
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{child}{methods('Sms: {state: disabled}')}")
    [desired] = load(["policies/prod.yaml"]).desired
    assert desired.helpdesk == {
        "maxLifetimeInMinutes": 30,
        "once": True,
        "refuse": [{"role": "any"}],
    }


def test_a_house_rule_that_no_pass_can_meet_is_told_where_it_is_written() -> None:
    write("base.yaml", "helpdesk: {maxLifetimeInMinutes: 30}\n")
    passes = methods("TemporaryAccessPass: {minimumLifetimeInMinutes: 60}")
    write("prod.yaml", f"extends: [base.yaml]\n{TENANT}{passes}")
    [told] = said(load(["policies/prod.yaml"]))
    assert told.startswith("policies/base.yaml:2:34 helpdesk-rules: helpdesk.maxLifetimeInMinutes")
