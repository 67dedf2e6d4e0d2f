"""What our workflows, and those of `init`, run: pinned, hashed, and with the least permissions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from graphpolicy import __version__
from graphpolicy.starter.workflows import workflows

ROOT = Path(__file__).parents[2]
OURS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted((ROOT / ".github").rglob("*.y*ml"))
    if path.parent.name == "workflows" or path.name == "action.yml"
}
FILES = {**OURS, **{f"init: {path}": text for path, text in workflows(["contoso"]).items()}}
SCRIPTS = {
    f".ci/{name}": (ROOT / ".ci" / name).read_text(encoding="utf-8")
    for name in ("run", "clients", "coverage", "release")
}
README = (ROOT / "README.md").read_text(encoding="utf-8")

PINNED = re.compile(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
OWN = re.compile(r"\$/\.github/(actions/graphpolicy|workflows/graphpolicy-[a-z]+\.yml)")
HASHED = re.compile(r"--require-hashes .*-r ")
BUILT_HERE = re.compile(r'--no-deps --no-build-isolation (-e \.|"\$TOOL"|-r "\$commit")(\s|$|&)')
OTHER_INSTALLERS = re.compile(
    r"\b(uv|pipx|easy_install|npx|yarn|pnpm|cargo|go) |npm (i|install)\b|(curl|wget) [^|]*\|"
)

READ = {"contents": "read"}
PERMISSIONS = {
    "doctor.yml plan": {**READ, "id-token": "write"},
    "doctor.yml apply": {**READ, "id-token": "write"},
    "plan.yml validate": READ,
    "plan.yml plan": {**READ, "id-token": "write", "pull-requests": "write"},
    "apply.yml plan": {**READ, "id-token": "write", "pull-requests": "write"},
    "apply.yml apply": {**READ, "id-token": "write", "pull-requests": "write"},
    "drift.yml drift": {**READ, "id-token": "write", "issues": "write"},
    "wave.yml wave": {"contents": "write", "id-token": "write", "pull-requests": "write"},
    "adopt.yml adopt": {"contents": "write", "id-token": "write", "pull-requests": "write"},
    "journal.yml journal": {"contents": "write"},
    "sarif.yml sarif": {"security-events": "write"},
    "release.yml build": {**READ, "id-token": "write", "attestations": "write"},
    "release.yml pypi": {**READ, "id-token": "write"},
    "release.yml image": {**READ, "packages": "write"},
    "release.yml manifest": {"packages": "write", "id-token": "write", "attestations": "write"},
    "release.yml github": {"contents": "write"},
}
"""What a job may do; a job that is not here may read the repository at most."""


def jobs(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    document = yaml.safe_load(text)
    yield from document.get("jobs", {"setup": document.get("runs")}).items()


def scripts(text: str) -> Iterator[str]:
    """Each command of each step, with its continued lines as one."""
    for _, job in jobs(text):
        for step in job.get("steps", ()):
            yield from lines(step.get("run", ""))


def lines(script: str) -> list[str]:
    return re.sub(r"\\\n\s*", "", script).splitlines()


def test_every_action_is_pinned_by_its_commit() -> None:
    loose = [
        f"{path}: {used}"
        for path, text in FILES.items()
        for used in re.findall(r"^\s*(?:- )?uses: (.*)$", text, re.MULTILINE)
        if not PINNED.fullmatch(used) and not OWN.fullmatch(used)
    ]
    assert loose == []
    assert sum(text.count("uses: ") for text in FILES.values()) > 30


def test_every_install_is_by_hash() -> None:
    commands = {path: list(scripts(text)) for path, text in FILES.items()}
    commands |= {path: lines(text) for path, text in SCRIPTS.items()}
    commands["README.md"] = re.findall(r"<!-- test -->\n```sh\n(.*)\n```", README)
    pips = [
        (path, part)
        for path, found in commands.items()
        for line in found
        for part in line.split("&&")
        if re.search(r"\bpip3? .*install", part)
    ]
    loose = [each for each in pips if not HASHED.search(each[1]) and not BUILT_HERE.search(each[1])]
    loose += [
        (path, line)
        for path, found in commands.items()
        for line in found
        if OTHER_INSTALLERS.search(line.partition("#")[0])
    ]
    assert loose == []
    assert len(pips) > 12


def test_every_list_that_is_installed_names_hashes_and_no_registry() -> None:
    names = [*(ROOT / ".ci").rglob("*.txt"), *(ROOT / "graphpolicy/starter").glob("*.txt")]
    assert len(names) == 10
    for path in names:
        text = path.read_text(encoding="utf-8")
        assert "://" not in text, path
        for entry in re.split(r"\n(?=\S)", text.strip()):
            assert re.match(r"[\w.-]+(\[\w+\])?==\S+", entry), (path, entry)
            assert "--hash=sha256:" in entry, (path, entry)


def test_every_job_has_the_least_permissions() -> None:
    for path, text in FILES.items():
        document = yaml.safe_load(text)
        if "jobs" not in document:
            continue
        assert document["permissions"] == {}, path
        for name, job in document["jobs"].items():
            called = job.get("uses", path).partition("@")[0]
            file = Path(called).name.removeprefix("graphpolicy-")
            granted = job["permissions"]
            if "uses" in job:  # a caller grants what the jobs that it calls ask for, together
                asked = [each for key, each in PERMISSIONS.items() if key.startswith(f"{file} ")]
                assert granted.items() == {item for each in asked for item in each.items()}, path
            else:
                assert granted == PERMISSIONS.get(f"{file} {name}", READ), (path, name)


def test_nothing_of_others_stands_in_a_script_and_nothing_runs_with_our_rights_for_a_fork() -> None:
    for path, text in FILES.items():
        assert "pull_request_target" not in text, path
        assert "workflow_run" not in text, path
        assert not [line for line in scripts(text) if "${{" in line], path


def test_the_job_that_may_write_runs_no_code_and_takes_no_artifact_of_a_pull_request() -> None:
    """It checks out the commit of the event, which is merged, and runs graphpolicy alone."""
    found = [(path, text) for path, text in FILES.items() if "apply-environment }}" in text]
    writing = [
        (path, job)
        for path, text in found
        for _, job in jobs(text)
        if "inputs.apply-environment" in str(job.get("environment"))
    ]
    assert len(writing) == 4
    for path, job in writing:
        triggers = yaml.safe_load(FILES[path])[True]
        assert list(triggers) == ["workflow_call"], path
        for step in job["steps"]:
            action = step.get("uses", "").partition("@")[0]
            assert action in (
                "",
                "$/.github/actions/graphpolicy",
                "actions/checkout",
                "actions/setup-python",
                "actions/upload-artifact",
            ), path
            if action == "actions/checkout":
                assert step["with"] == {"fetch-depth": 0, "persist-credentials": False}, path
        for step in job["steps"]:
            if step.get("name") != "Install graphpolicy":  # from the list of the base, by hash
                commands = {first_word(line) for line in lines(step.get("run", ""))}
                more = RECORDS.get(step.get("name", ""), set())
                assert commands <= {"", "mkdir", "graphpolicy", *more}, path
    for path, text in FILES.items():
        callers = [job for _, job in jobs(text) if "apply" in str(job.get("uses", ""))]
        if callers:
            assert not set(yaml.safe_load(text)[True]) - {"push", "workflow_dispatch"}, path


RECORDS = {
    "Fetch the records of runs, if there is a branch of them": {"cd", "git", "if", "fi"},
    "Separate the record of this run from older ones": {"cd", "["},
}
"""What else stands in the steps about records, which neither build nor run what they fetch."""


def first_word(line: str) -> str:
    words = line.partition("#")[0].removeprefix("exec ").split()
    return words[0] if words else ""


def test_the_image_is_pinned_hashed_and_runs_without_root() -> None:
    recipe = lines((ROOT / ".ci/image/Dockerfile").read_text(encoding="utf-8"))
    bases = [line for line in recipe if line.startswith("FROM ")]
    assert len(bases) == 2
    assert all(re.search(r"@sha256:[0-9a-f]{64}( AS \w+)?$", line) for line in bases)
    installs = [part for line in recipe for part in line.split("&&") if "pip install" in part]
    assert all("--require-hashes -r" in each or each.endswith(".whl ") for each in installs)
    last = recipe[recipe.index(bases[1]) :]
    [user] = [line.split()[1] for line in last if line.startswith("USER ")]
    assert user.isdecimal()
    assert int(user) > 0
    assert 'ENTRYPOINT ["graphpolicy"]' in last


def test_a_release_is_what_its_tag_says_and_is_built_once() -> None:
    text = FILES[".github/workflows/release.yml"]
    needs = {name: job.get("needs", []) for name, job in jobs(text)}
    assert needs["pypi"] == needs["image"] == ["tests", "build"]
    assert sum("bash .ci/release" in line for line in scripts(text)) == 1
    assert list(yaml.safe_load(text)[True]["push"]) == ["tags"]
    changes = (ROOT / "docs/changelog.md").read_text(encoding="utf-8")
    assert f"\n## {__version__}\n" in changes


def test_the_tests_find_what_they_read_in_the_source_of_a_release() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"])
    assert {".ci", ".github", "action.yml", "docs", "policies", "tests"} <= listed


def test_the_action_of_the_marketplace_is_the_one_that_our_workflows_use() -> None:
    listed = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    own = yaml.safe_load(FILES[".github/actions/graphpolicy/action.yml"])
    assert set(listed.pop("branding")) == {"icon", "color"}
    assert listed.pop("author")
    for action, tool in ((listed, ""), (own, "/../../..")):
        environment = action["runs"]["steps"][1]["env"]
        assert environment.pop("TOOL") == f"${{{{ github.action_path }}}}{tool}"
    assert listed == own
