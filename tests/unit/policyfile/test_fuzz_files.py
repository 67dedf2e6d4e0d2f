"""No set of files makes `validate` raise, hang, or say something that has no place."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from graphpolicy.cli import main
from graphpolicy.cli.options import Context
from graphpolicy.plan.verdict import CheckedFiles, of_findings
from graphpolicy.policyfile.load import Policies, load
from graphpolicy.render import Style, formats, render
from tests.growth import growth
from tests.unit.policyfile.test_fuzz import PIECES, SAMPLE, SOUND

NAMES = ("a.yaml", "b.yaml", "c.yaml", "sub/d.yaml", "sub/e.yml")
WRITTEN = (
    *NAMES, "d.yaml", "../a.yaml", "./a.yaml", "sub/../b.yaml", "sub", "nowhere.yaml", "a.txt",
    "../outside.yaml", "/etc/passwd", "/dev/zero.yaml", "", " ", ".", "https://x.example/a.yaml",
    "\x00.yaml", "a\nb.yaml", "\u202e.yaml", "\ud800.yaml", "x" * 300 + ".yaml", "a.yaml/b.yaml",
)  # fmt: skip
"""What a file may say that it extends."""

HEADS = (
    "",
    "tenant: {name: NAME, id: 11111111-2222-4333-8444-55555555555N}\n",
    "tenant: {name: same, id: 11111111-2222-4333-8444-555555555555}\n",
    "tenant:\n",
)
GROUPS = (
    "",
    "groups: {pilot: {group: P}, other: {group: all_users}}\n",
    "groups: {pilot: {id: 0d1c2b3a-0000-4000-8000-000000000001}}\n",
    "groups: [pilot]\n",
    "groups: {pilot: P}\n",
)
PEOPLE = ("", "emergencyAccess: {none: Nobody}\n", "emergencyAccess: [{group: A}, {user: a@b.c}]\n")
TARGETS = (
    "[all_users]", "[{group: A}, {alias: pilot}]", "[]", "{add: [{group: A}]}",
    "{remove: [{group: A}, {alias: pilot}]}", "{add: [{alias: other}], remove: [all_users]}",
    "{add: A}", "{}", "~", "[{alias: gone}]",
)  # fmt: skip
METHODS = (
    "    Sms: {state: enabled, includeTargets: TARGETS}\n",
    "    Sms: {excludeTargets: TARGETS}\n",
    "    MicrosoftAuthenticator: {featureSettings: {companionAppAllowedState: default}}\n",
    "    TemporaryAccessPass: {minimumLifetimeInMinutes: 60, defaultLifetimeInMinutes: 10}\n",
    "    TemporaryAccessPass: {maximumLifetimeInMinutes: 30}\n",
    "    Fido2: {passkeyProfiles: {A: {passkeyTypes: [synced]}}, includeTargets: TARGETS}\n",
    "    Fido2: {keyRestrictions: {isEnforced: true}}\n",
    "    External: {Duo: {includeTargets: TARGETS}}\n",
    "    Voice: off\n",
)
WHY = "reason: x, owner: me, expires: 2027-03-31"
SCOPES = (
    "",
    f"hold: [{{resource: Sms, path: includeTargets, live: TARGETS, {WHY}}}]\n",
    f"hold: [{{resource: Duo, {WHY}}}]\nacknowledge: [{{rule: lockout, {WHY}}}]\n",
    "expect: [{people: {alias: pilot}, canUse: [Duo]}, {people: all_users, cannotUse: [Voice]}]\n",
    "expect: [{people: all_users, canUse: [Voice], has: [Duo]}]\n",
)


@st.composite
def policies(draw: st.DrawFn, number: int) -> str:
    """A file that is right or nearly so; it extends others, itself, or a file that is missing."""
    bases = draw(st.lists(st.sampled_from(WRITTEN), max_size=3))
    extends = "extends: [" + ", ".join(map(_quoted, bases)) + "]\n" if bases else ""
    methods = "".join(draw(st.lists(st.sampled_from(METHODS), max_size=4, unique=True)))
    policy = "authenticationMethodsPolicy:\n  authenticationMethodConfigurations:\n"
    text = "version: 1\n" + extends
    text += draw(st.sampled_from(HEADS)).replace("NAME", f"t{number}").replace("N}", f"{number}}}")
    text += "".join(draw(st.sampled_from(parts)) for parts in (GROUPS, PEOPLE, SCOPES))
    text += policy + methods if methods else ""
    while "TARGETS" in text:
        text = text.replace("TARGETS", draw(st.sampled_from(TARGETS)), 1)
    return text


def _quoted(name: str) -> str:
    """A text as YAML has it in double quotes."""
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in name) + '"'


@st.composite
def slips(draw: st.DrawFn, text: str) -> bytes:
    """A text after a few typing mistakes."""
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 15)))
        text = text[:start] + draw(st.sampled_from(["", *PIECES])) + text[end:]
    return text.encode()


@st.composite
def repositories(draw: st.DrawFn) -> dict[str, bytes]:
    """A few files by name."""
    files: dict[str, bytes] = {}
    for number, name in enumerate(NAMES[: draw(st.integers(1, len(NAMES)))]):
        match draw(st.integers(0, 9)):
            case 0:
                files[name] = draw(st.binary(max_size=100))
            case 1:
                files[name] = draw(slips(draw(st.sampled_from([SAMPLE, SOUND]))))
            case 2 | 3:
                files[name] = draw(slips(draw(policies(number))))
            case _:
                files[name] = draw(policies(number)).encode()
    return files


def written(folder: Path, files: dict[str, bytes]) -> Path:
    """A repository of its own for each example."""
    root = folder / f"{time.monotonic_ns()}"
    (root / ".git").mkdir(parents=True)
    (root / "policies/sub").mkdir(parents=True)
    (root / "outside.yaml").write_text("version: 1\nsecret: hunter2\n")
    for name, raw in files.items():
        (root / "policies" / name).write_bytes(raw)
    return root


def check(found: Policies, root: Path) -> None:
    """What must be true of every finding about any files."""
    for item in found.findings:
        assert item.help
        assert (item.message + item.help).isprintable()
        assert item.source
        file = Path(item.source.file)
        assert file.resolve().is_relative_to(root)
        if file.is_file():
            raw = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
            lines = re.split(r"\r\n|\r|\n", raw.decode(errors="replace"))
            assert 1 <= item.source.line <= len(lines)
            assert 1 <= item.source.column <= len(lines[item.source.line - 1]) + 1
    assert len(set(found.findings)) == len(found.findings)
    levels = [item.level for item in found.findings]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)
    if found.sound:
        tenants = [desired.tenant for desired in found.desired]
        assert len({tenant.id for tenant in tenants}) == len(tenants)
    for format_ in formats("CheckedFiles"):
        text = render(CheckedFiles(tuple(found.findings), tuple(found.files)), format_, Style())
        assert text.endswith("\n")
        assert text.replace("\n", "").isprintable()
        assert "hunter2" not in text


some = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@some
@given(files=repositories())
def test_no_set_of_files_makes_it_raise(tmp_path: Path, files: dict[str, bytes]) -> None:
    root = written(tmp_path, files)
    check(load([str(root / "policies")]), root)


@some
@given(files=repositories())
def test_a_file_is_judged_alone_as_it_is_among_others(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    """The findings of a file and its bases do not depend on other files."""
    root = written(tmp_path, files)
    every = load([str(root / "policies")])
    alone = [load([str(root / "policies" / name)]) for name in files]
    apart = {item for one in alone for item in one.findings}
    together = {item for item in every.findings if item.rule not in ACROSS}
    assert together == {item for item in apart if item.rule not in ACROSS}


ACROSS = {"duplicate-tenant", "no-deployable-file"}
"""Rules that look at several files."""


@settings(some, max_examples=40)
@given(files=repositories(), format_=st.sampled_from(list(formats("CheckedFiles"))))
def test_the_command_ends_well_whatever_is_in_the_files(
    tmp_path: Path, files: dict[str, bytes], format_: str, capsys: Any
) -> None:
    root = written(tmp_path, files)
    with pytest.raises(SystemExit) as ended:
        main(["validate", "--format", format_, str(root / "policies")])
    said = capsys.readouterr()
    assert said.err == ""
    policies = load([str(root / "policies")], today=Context().today)
    assert ended.value.code == of_findings(policies.findings)
    assert (ended.value.code == 1) is not policies.sound


def test_a_great_many_files_that_extend_each_other_are_read_soon(tmp_path: Path) -> None:
    """Each extends all others below it: without care that doubles with every file."""

    def folder(count: int) -> str:
        files = {
            f"{n}.yaml": (
                "version: 1\nextends: ["
                + ", ".join(f"{m}.yaml" for m in range(n + 1, count))
                + "]\nauthenticationMethodsPolicy: {policyMigrationState: migrationComplete}\n"
            ).encode()
            for n in range(count)
        }
        return str(written(tmp_path / str(count), files) / "policies")

    folders = {count: folder(count) for count in (9, 18)}
    assert growth(lambda count: load([folders[count]]), 9, 18) < 32  # not 512
    found = load([folders[18]])
    assert [item.rule for item in found.findings] == ["no-deployable-file"]
