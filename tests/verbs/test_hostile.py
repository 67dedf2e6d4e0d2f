"""Every byte that any verb writes, with hostile text in everything that other people write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from graphpolicy.mock import Mock
from graphpolicy.render import SUFFIXES
from tests.shell import NO_PATIENCE, Shell
from tests.unit.render.hostile import EVIL, LEADS, problems

TENANT = "11111111-2222-4333-8444-555555555555"
GROUP = "0d1c2b3a-0000-4000-8000-0000000000a1"
OTHER = "0d1c2b3a-0000-4000-8000-0000000000a2"
NAMES = (EVIL, *LEADS)


@dataclass
class Reader:
    """Runs commands and reads all that they write."""

    shell: Shell
    name: str
    wrong: list[str] = field(default_factory=list)
    codes: list[tuple[int, str]] = field(default_factory=list)

    def __call__(self, *arguments: str, format_: str = "text") -> None:
        before = {path: path.stat().st_mtime_ns for path in self._files()}
        done = self.shell(*arguments)
        self.codes.append((done.code, " ".join(arguments)[:60]))
        read = [("stdout", done.out, format_), ("stderr", done.err, "text")]
        for path in self._files():
            if before.get(path) != path.stat().st_mtime_ns and path.suffix in SUFFIXES:
                text = path.read_bytes().decode()
                read.append((path.name, text, SUFFIXES[path.suffix]))
        for where, text, kind in read:
            told = f"{' '.join(arguments)[:70]!r} {where}"
            try:
                self.wrong += [f"{told}: {each}" for each in problems(text, kind)]
            except ValueError as error:
                self.wrong.append(f"{told}: no {kind}: {error}")
        internal = [text for _, text, _ in read if "internal error" in text.lower()]
        self.wrong += [f"{arguments}: {text[:1000]}" for text in internal]

    def _files(self) -> Iterator[Path]:
        return (path for path in self.shell.folder.iterdir() if path.is_file())


def policy(name: str, **more: Any) -> str:
    """A policy with the name in everything that has one."""
    until = {"reason": name, "owner": name, "expires": "2099-12-31"}
    document = json.dumps(
        {
            "version": 1,
            "tenant": {"id": TENANT},
            "groups": {"pilot": {"group": name}},
            "emergencyAccess": [{"group": f"{name} renamed"}, {"user": "mia.lopez@contoso.com"}],
            "helpdesk": {"refuse": [{"group": f"{name} renamed"}]},
            "hold": [{"resource": "Voice", "path": "state", "live": "enabled", **until}],
            "acknowledge": [{"rule": "weak-method-enabled", "resource": "Sms", **until}],
            "authenticationMethodsPolicy": {
                "authenticationMethodConfigurations": {
                    "Sms": {"state": "enabled", "includeTargets": [{"group": name}]},
                    "Voice": {"state": "disabled"},
                    "TemporaryAccessPass": {
                        "state": "enabled",
                        "includeTargets": [{"alias": "pilot"}, {"group": name, "id": OTHER}],
                    },
                    "External": {name: {"state": "disabled"}},
                    "Fido2": {"passkeyProfiles": {name: {"attestationEnforcement": "disabled"}}},
                }
            },
            **more,
        }
    )
    pair = r"\\u(d[89ab]..)\\u(d[c-f]..)"  # YAML has no surrogates
    return re.sub(pair, _long, document)


def _long(pair: re.Match[str]) -> str:
    character: str = json.loads('"' + pair[0] + '"')
    return f"\\U{ord(character):08x}"


def tenant(mock: Mock, name: str) -> str:
    """A tenant in which every name is hostile; returns a person in it."""
    mock.add_group(GROUP, name)
    mock.add_group(OTHER, f"{name} renamed")
    person = mock.add_person("eve@contoso.com", name, methods=("mobilePhone", "fido2"))
    mock.join(GROUP, person)
    mock.join(OTHER, "mia.lopez@contoso.com")
    external = {"displayName": name, "state": "enabled", "id": OTHER}
    external["@odata.type"] = "#microsoft.graph.externalAuthenticationMethodConfiguration"
    mock.portal(OTHER, external, actor=name)
    mock.portal("Sms", {"state": "disabled", "evil": name, name: name}, actor=name)
    mock.portal("Voice", {"state": "enabled"}, actor=name)
    mock.portal("Email", {"state": name}, actor=name)
    profile: dict[str, Any] = {"id": OTHER, "name": name, "passkeyTypes": "deviceBound"}
    keys = {"isEnforced": False, "enforcementType": "allow", "aaGuids": []}
    profile |= {"attestationEnforcement": "registrationOnly", "keyRestrictions": keys}
    mock.portal("Fido2", {"passkeyProfiles": [profile]}, actor=name)
    return person


def refusal(mock: Mock, name: str, **where: Any) -> None:
    inner = {"request-id": name, "client-request-id": name, "date": name, "code": name}
    body = {"error": {"code": name, "message": name, "innerError": inner}}
    mock.add_fault("status", status=400, body=body, headers={"request-id": "##vso[x]"}, **where)


FILES = ("json", "md", "html", "sarif", "txt")


def files(name: str) -> list[str]:
    return [word for suffix in FILES for word in ("-o", f"{name}.{suffix}")]


KEPT = {
    "format_version",
    "id",
    "digest",
    "cloud",
    "level",
    "rule",
    "resource",
    "path",
    "targetType",
}
"""What a forged file says as it should, or it is refused before anything else is looked at."""


def forged(document: Any, name: str, key: str = "") -> Any:
    """A file by graphpolicy in which somebody has replaced every text by a name."""
    if isinstance(document, dict):
        return {inner: forged(value, name, inner) for inner, value in document.items()}
    if isinstance(document, list):
        return [forged(value, name, key) for value in document]
    return name if isinstance(document, str) and key not in KEPT else document


@pytest.mark.parametrize(
    "name", [*NAMES[:1], *(pytest.param(name, marks=pytest.mark.deep) for name in NAMES[1:])]
)
def test_no_byte_of_any_verb_obeys_somebody_else(shell: Shell, mock: Mock, name: str) -> None:
    shell.settings |= NO_PATIENCE
    run = Reader(shell, name)
    person = tenant(mock, name)
    shell.write(policy(name))
    why = ("--auto-approve", "--reason", name[:200])
    yes = ("--auto-approve", "--confirm", "contoso")
    run("plan")
    run("plan", *files("plan"), "--format", "github", format_="github")
    run("drift", *files("drift"), "--format", "github", format_="github")
    run("doctor")
    run("doctor", "--format", "json", format_="json")
    run("pull")
    run("pull", "--snapshot", "taken.json")
    run("plan", "--against", "taken.json")
    for kind in ("markdown", "html", "svg", "json"):
        run("announce", "--format", kind, format_=kind)
    run("mfa", "list", person, "--debug")
    run("mfa", "list", "--group", name, "--format", "json", format_="json")
    run("mfa", "reset", "--group", name, *why, "--dry-run", "-o", "reset.csv", "-o", "reset.md")
    run("mfa", "reset", person, *why)
    run("apply", *files("apply"), *yes)
    run("tap", "issue", person, *why)
    run("tap", "list", "--group", GROUP)
    run("tap", "revoke", person, *why)
    run("history")
    run("history", "--format", "json", format_="json")
    for folder in (shell.folder / ".graphpolicy" / "runs").iterdir():
        run("history", folder.name)
    run("rollback", *yes, "--format", "json", format_="json")
    run("pull", "--update")
    _reads_forged_files(run)
    _refusals(run, mock)
    _wrong_words(run)
    _wrong_files(run)
    for code, told in run.codes[:11]:
        assert code in {0, 1, 2, 6}, told
    assert (0, "rollback") in {(code, told[:8]) for code, told in run.codes}
    assert not run.wrong, "\n".join(run.wrong)


def _reads_forged_files(run: Reader) -> None:
    for file in ("plan.json", "taken.json"):
        document = json.loads((run.shell.folder / file).read_bytes())
        run.shell.write(json.dumps(forged(document, run.name)), f"forged-{file}")
    run("announce", "--plan", "forged-plan.json")
    run("apply", "--auto-approve", "--plan", "forged-plan.json")
    run("plan", "--against", "forged-taken.json")


def _refusals(run: Reader, mock: Mock) -> None:
    """Graph refuses, with hostile words."""
    run.shell.write(policy(run.name))
    refusal(mock, run.name, method="PATCH", times=None)
    run("apply", "--auto-approve", "--confirm", "contoso", *files("refused"))
    run("history")
    mock.clear_faults()
    refusal(mock, run.name, method="GET", times=None)
    run("plan", *files("unread"), "--format", "github", format_="github")
    run("drift")
    run("doctor")
    run("mfa", "list", "eve@contoso.com")
    mock.clear_faults()


def _wrong_words(run: Reader) -> None:
    """Hostile words on the command line, as a workflow may put a branch's name there."""
    for words in (
        ("explain",),
        ("tap", "issue", "--auto-approve"),
        ("mfa", "list"),
        ("history",),
        ("rollback",),
        ("plan", "--tenant"),
        ("plan",),
        ("plan", "--format"),
        (),
    ):
        run(*words, run.name)


def _wrong_files(run: Reader) -> None:
    name = run.name
    run.shell.write(policy(name), f"policies/{name.replace('/', '_')[:99]}.yaml")
    run.shell.write(policy(name, **{name: name}))
    run("validate")
    for kind in ("github", "sarif", "json"):
        run("validate", "--format", kind, format_=kind)
    run("plan", *files("wrong"), "--format", "github", format_="github")
    run.shell.write(f"version: 1\n{name}")
    run("validate")
