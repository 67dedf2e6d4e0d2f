"""What `{rollout: NAME}` stands for, in every state of a rollout."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings, strategies as st

from graphpolicy.model import Declared, Finding, Rolled
from graphpolicy.policyfile.assembly import PolicyFile, judge
from graphpolicy.policyfile.strict_yaml import parse

HEAD = "version: 1\ntenant: {id: 11111111-2222-4333-8444-555555555555}\n"
WAVES = """rollouts:
  slow:
    waves:
    - {name: pilot, target: {group: Pilot}, from: 2026-12-01}
    - {name: staff, target: {group: Staff}, from: 2026-12-10}
    - {name: everyone, target: all_users, from: 2027-01-12}
"""
TARGETS = ["{group: Pilot}", "{group: Staff}", "all_users"]
NAMES = ["pilot", "staff", "everyone"]


def read(text: str) -> PolicyFile:
    return judge(parse(f"{HEAD}{text}".encode(), "policies/contoso.yaml"))


def opened(count: int) -> str:
    return (
        WAVES.replace("    waves:", f"    open: {NAMES[count - 1]}\n    waves:") if count else WAVES
    )


def policy(methods: str) -> str:
    return f"authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n    {methods}\n"


def resources(file: PolicyFile) -> tuple[Declared, ...]:
    assert [each for each in file.findings if each.level == "error"] == []
    assert file.desired is not None
    return file.desired.resources


LISTS = {
    "alone": ([], []),
    "behind others": (["{group: Guests}"], []),
    "before others": ([], ["{group: Guests}"]),
    "beside one of its own groups": (["{group: Staff}"], []),
}


@pytest.mark.parametrize("others", LISTS)
def test_in_a_list_it_stands_for_every_open_wave(others: str) -> None:
    before, after = LISTS[others]
    for count, method in itertools.product(range(1, 4), ("Sms", "Fido2")):
        rolled = ", ".join((*before, "{rollout: slow}", *after))
        own = [each for each in TARGETS[:count] if each not in (*before, *after)]
        by_hand = ", ".join((*before, *own, *after))
        rows = [
            resources(read(opened(count) + policy(f"{method}: {{includeTargets: [{targets}]}}")))
            for targets in (rolled, by_hand)
        ]
        assert rows[0][0].tree == rows[1][0].tree


GROUPS = st.lists(st.sampled_from("ABCDE"), unique=True, min_size=1, max_size=4)


@given(GROUPS, st.booleans(), st.integers(0, 5), st.lists(st.sampled_from("ABCDEF"), unique=True))
@settings(max_examples=25)
def test_on_every_day_it_is_what_a_hand_would_write(
    groups: list[str], everyone: bool, count: int, others: list[str]
) -> None:
    targets = [f"{{group: {name}}}" for name in groups] + everyone * ["all_users"]
    count = min(count, len(targets))
    waves = ", ".join(
        f"{{name: w{number}, target: {target}, from: 2026-12-{number + 10}}}"
        for number, target in enumerate(targets)
    )
    opens = f"open: w{count - 1}, " if count else ""
    rollouts = f"rollouts: {{slow: {{{opens}waves: [{waves}]}}}}\n"
    explicit = [f"{{group: {name}}}" for name in others]
    by_hand = [*explicit, *(each for each in targets[:count] if each not in explicit)]
    both = [
        resources(read(head + policy(f"Sms: {{state: enabled, includeTargets: [{listed}]}}")))
        for head, listed in (
            (rollouts, ", ".join((*explicit, "{rollout: slow}"))),
            ("", ", ".join(by_hand)),
        )
    ]
    trees = [[each.tree for each in side] for side in both]
    assert trees[0] == (trees[1] if by_hand else [])


def test_where_one_target_is_taken_it_stands_for_the_last_open_wave() -> None:
    feature = "MicrosoftAuthenticator: {featureSettings: {displayAppInformationRequiredState: "
    for count in range(1, 4):
        rows = [
            resources(
                read(
                    opened(count)
                    + policy(f"{feature}{{state: enabled, includeTarget: {target}}}}}}}")
                )
            )
            for target in ("{rollout: slow}", TARGETS[count - 1])
        ]
        assert rows[0][0].tree == rows[1][0].tree


FEATURE = "{displayAppInformationRequiredState: {state: enabled, includeTarget: X}}"


@pytest.mark.parametrize(
    ("methods", "left"),
    [
        (
            "Fido2: {state: enabled, isSelfServiceRegistrationAllowed: true, includeTargets: [X]}",
            {},
        ),
        ("Fido2: {state: enabled, includeTargets: [{group: Guests}, X]}", {"Fido2": 2}),
        ("Sms: {state: enabled, excludeTargets: [X]}", {}),
        (
            f"MicrosoftAuthenticator: {{state: enabled, featureSettings: {FEATURE}}}",
            {"MicrosoftAuthenticator": 1},
        ),
    ],
)
def test_before_it_begins_the_object_around_it_is_left_alone(
    methods: str, left: dict[str, int]
) -> None:
    file = read(opened(0) + policy(methods.replace("X", "{rollout: slow}")))
    assert {each.title: len(each.tree) for each in resources(file)} == left
    rules = [found.rule for found in file.findings]
    assert rules == ([] if "Guests" in methods else ["rollout-not-begun"])


def test_settings_of_a_rollout_are_known() -> None:
    text = policy(
        "Sms: {includeTargets: [{rollout: slow}]}\n"
        "    MicrosoftAuthenticator: {featureSettings: {displayAppInformationRequiredState: "
        "{state: enabled, includeTarget: {rollout: slow}}}}"
    )
    file = read(opened(1) + text)
    assert file.desired is not None
    feature = ("featureSettings", "displayAppInformationRequiredState", "includeTarget")
    assert set(file.desired.rolled) == {
        Rolled("Sms", ("includeTargets",), "slow", single=False),
        Rolled("MicrosoftAuthenticator", feature, "slow", single=True),
    }


def test_a_child_opens_waves_of_its_base_and_moves_their_days(tmp_path: object) -> None:
    from pathlib import Path

    from graphpolicy.policyfile.load import load

    folder = Path(str(tmp_path))
    base = f"version: 1\n{WAVES}{policy('Sms: {includeTargets: [{rollout: slow}]}')}"
    (folder / "base.yaml").write_text(base, encoding="utf-8")
    own = (
        "extends: [base.yaml]\nrollouts:\n  slow:\n    open: staff\n    waves:\n"
        "    - {name: pilot, target: {group: Our pilot}}\n"
        "    - {name: staff, from: 2027-01-05, needs: {soakDays: 3}}\n"
    )
    (folder / "contoso.yaml").write_text(f"{HEAD}{own}", encoding="utf-8")
    found = load([str(folder)])
    assert found.findings == ()
    [rollout] = found.desired[0].rollouts
    assert [(wave.name, wave.since, wave.soak_days) for wave in rollout.waves] == [
        ("pilot", "2026-12-01", 0),
        ("staff", "2027-01-05", 3),
        ("everyone", "2027-01-12", 0),
    ]
    [sms] = found.desired[0].resources
    assert [entry["id"].name for entry in sms.tree["includeTargets"]] == ["Our pilot", "Staff"]


USED = policy("Sms: {includeTargets: [{rollout: slow}]}")
MISTAKES = {
    "unknown-rollout": WAVES + policy("Sms: {includeTargets: [{rollout: slwo}, {rollout: slow}]}"),
    "rollout-unused": WAVES,
    "unknown-wave": WAVES.replace("    waves:", "    open: staf\n    waves:") + USED,
    "waves-contradict": opened(1).replace("2026-12-10", "2026-11-30") + USED,
    "waves-contradict ": opened(1).replace("Staff", "Pilot") + USED,
    "waves-contradict  ": opened(1).replace("{group: Staff}", "all_users") + USED,
    "missing-key": opened(1).replace(", from: 2026-12-10", "") + USED,
    "missing-key ": "rollouts: {slow: {}}\n" + USED,
    "bad-format": opened(1).replace("2026-12-10", "2026-13-10") + USED,
    "duplicate-entry": opened(1).replace("name: staff", "name: pilot") + USED,
    "unknown-alias": opened(1).replace("{group: Staff}", "{alias: staff}") + USED,
    "unknown-method": opened(1).replace(
        "from: 2026-12-10", "from: 2026-12-10, needs: {registered: {method: Fido, atLeast: 9}}"
    )
    + USED,
    "bad-value": opened(1).replace(
        "from: 2026-12-10",
        "from: 2026-12-10, needs: {registered: {method: X509Certificate, atLeast: 9}}",
    )
    + USED,
    "target-reference": opened(3) + policy("Sms: {excludeTargets: [{rollout: slow}]}"),
    "target-reference ": opened(1)
    + policy("Sms: {includeTargets: [{rollout: slow, group: Guests}]}"),
    "unknown-setting": opened(1).replace("{group: Staff}", "{rollout: slow}") + USED,
}


@pytest.mark.parametrize("rule", MISTAKES)
def test_what_is_wrong_is_said_at_its_place(rule: str) -> None:
    [found] = _wrong(read(MISTAKES[rule]))
    assert found.rule == rule.strip()
    assert found.source is not None
    assert found.source.line > 2


def _wrong(file: PolicyFile) -> list[Finding]:
    return [each for each in file.findings if each.level != "note"]


def test_a_hold_can_not_be_a_rollout() -> None:
    hold = (
        "hold: [{resource: Sms, path: includeTargets, live: [{rollout: slow}], reason: x, "
        "owner: ana, expires: 2027-01-01}]\n"
    )
    [found] = _wrong(read(opened(1) + hold + USED))
    assert found.rule == "bad-value"
