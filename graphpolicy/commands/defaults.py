"""Defaults for flags: from the environment, and from `graphpolicy.toml` in the repository.

A flag wins over its variable, a variable over the file. The file is part of a checkout that others
write, so it never decides what is approved, accepted or trusted, its paths stay inside the
repository, and in a job it decides neither how to sign in nor where runs are recorded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath, PureWindowsPath
from typing import Any

from graphpolicy.disk.folders import refuse_left, repository
from graphpolicy.disk.home import policies_path, upwards
from graphpolicy.disk.opening import way_out
from graphpolicy.graph.variables import TITLES, in_pipeline
from graphpolicy.model import Default, Finding, Place
from graphpolicy.model.errors import Exit, UsageError
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.toml_table import RULE, TomlTable, read_table
from graphpolicy.render import WRITERS, formats

FILE, PROJECT = "graphpolicy.toml", "pyproject.toml"
SECTION = ("tool", "graphpolicy")
"""The table of pyproject.toml that holds the same keys."""
LARGEST = 1 << 16
"""In bytes, far more than all keys need."""
SWITCH = ("true", "false")
OTHERS = (
    *("GRAPHPOLICY_ACCESS_TOKEN", "GRAPHPOLICY_GRAPH_URL", "GRAPHPOLICY_GITHUB_PAUSE"),
    *("GRAPHPOLICY_NOTIFY_URL", "GRAPHPOLICY_NOTIFY_TO"),
)
"""Variables for what only the environment can set."""


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """A flag that can have a default. `built_in` says for people what it is without one."""

    built_in: str
    words: tuple[str, ...] = ()
    """The values that it takes; none if it takes any."""
    several: bool = False
    path: bool = False
    in_jobs: bool = True
    """Whether the file decides in a job, too."""


KEYS: Mapping[str, ConfigKey] = {
    "paths": ConfigKey("policies/, here or in a folder above", several=True, path=True),
    "tenant": ConfigKey("every tenant of the files", several=True),
    "state-dir": ConfigKey(".graphpolicy beside policies/", path=True, in_jobs=False),
    "auth": ConfigKey("auto", ("auto", *TITLES), in_jobs=False),
    "client-id": ConfigKey("AZURE_CLIENT_ID, else an app of Microsoft's", in_jobs=False),
    "format": ConfigKey("text", formats(*WRITERS)),
    "color": ConfigKey("auto", ("auto", "always", "never")),
    "quiet": ConfigKey("false", SWITCH),
    "verbose": ConfigKey("false", SWITCH),
}
"""The keys of the file, in the order in which `doctor` lists them: names of flags."""

FORBIDDEN: Mapping[str, str] = {
    **dict.fromkeys(("auto-approve", "confirm", "resume"), "it approves what is written"),
    **dict.fromkeys(("allow", "expect-digest"), "it accepts what guards refuse"),
    **dict.fromkeys(("graph-url", "authority", "access-token"), "tokens would go there"),
    "without-house-rules": "it overrides who may be helped",
    "names": "it shows the names of people",
    "facts": "guards depend on it",
}
"""Why a file that others write can't set these."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """The values of flags that are not given, by their names, and what is wrong with the file.

    `left_out` are those of the file that do not count in a job, each where nothing else sets it.
    """

    values: Mapping[str, Default]
    findings: tuple[Finding, ...] = ()
    left_out: tuple[Default, ...] = ()
    file: str = ""
    """The file that was read; '' without one."""

    def listed(self, given: Mapping[str, str]) -> tuple[Default, ...]:
        """Every key with its value and its source; `given` are the flags of this command."""
        built_in = {name: Default(name, (key.built_in,), "built in") for name, key in KEYS.items()}
        flags = {name: Default(name, (value,), "this command") for name, value in given.items()}
        return tuple(({**built_in, **self.values, **flags})[name] for name in KEYS)


def defaults(environment: Mapping[str, str]) -> Defaults:
    """The defaults here: of the variables, and of the nearest file, here or above.

    Raises:
        UsageError: a variable has a value that the flag does not take.
    """
    table = nearest(FilePath.cwd())
    findings: tuple[Finding, ...] = (table,) if isinstance(table, Finding) else ()
    found: dict[str, Default] = {}
    if isinstance(table, TomlTable):
        findings = tuple(_wrong(table))
        found = {} if findings else dict(_of_file(table))
    own = dict(_of_variables(environment))
    job = in_pipeline(environment)
    ignored = [one for name, one in found.items() if job and not KEYS[name].in_jobs]
    kept = {name: one for name, one in found.items() if one not in ignored}
    return Defaults(
        {**kept, **own},
        findings,
        tuple(one for one in ignored if one.name not in own),
        table.file if isinstance(table, TomlTable) else "",
    )


def mistyped(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each variable that looks like a misspelt one of ours, and the one that was probably meant."""
    from graphpolicy.model.did_you_mean import closest

    known = {*OTHERS, *map(variable, KEYS)}
    for name in sorted(environment):
        if name.startswith("GRAPHPOLICY_") and name not in known and (near := closest(name, known)):
            yield name, near


def policies_paths() -> tuple[str, ...]:
    """The paths of the policies if none are given, which may not exist."""
    found = defaults(os.environ).values.get("paths")
    return found.values if found else (policies_path(),)


def policies_there() -> tuple[str, ...]:
    """The same; empty if nobody has chosen them, and there is no folder policies, here or above.

    Raises:
        UsageError: a path that somebody has chosen does not exist.
    """
    found = defaults(os.environ).values.get("paths")
    if found is None:
        own = policies_path()
        return (own,) if os.path.isdir(own) else ()  # noqa: PTH112 - pathlib raises without access
    for path in found.values:
        if not os.path.lexists(path):
            text = f"{path} does not exist, and {found.source} says that the policies are there"
            raise UsageError(text, "correct the path, or remove it there", Exit.FAILED)
    return found.values


def unowned_defaults(file: str, policies: Iterable[str]) -> tuple[Finding, ...]:
    """The finding that a file with defaults has no owner, while one of the policies has one."""
    from graphpolicy.policyfile.codeowners import Ownership, unowned
    from graphpolicy.policyfile.wording import shown

    if not file:
        return ()
    ownership = Ownership(repository(FilePath(file).parent))
    if not any(map(ownership.owns, policies)):
        return ()
    return tuple(
        unowned(f"defaults come from {shown(name)}", Place(file))
        for name in ownership.unowned(file)
    )


def nearest(here: FilePath) -> TomlTable | Finding | None:
    """The nearest file with defaults, from a folder upwards to the root of its repository."""
    for folder in upwards(here):
        for name in (FILE, PROJECT):
            path = folder / name
            if os.path.lexists(path) and (found := _read(path)):
                return found
    return None


def _read(path: FilePath) -> TomlTable | Finding | None:
    named = FilePath(os.path.relpath(path)).as_posix()
    try:
        refuse_left(named)
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        if path.name == PROJECT:  # a file of other tools, which may have no table of ours
            return None
        message = f"can't be read: {error.strerror or type(error).__name__}"
        fix = way_out(error, "check its permissions, or remove it")
        return Finding(RULE, "error", message, fix, source=Place(named))
    if path.name == PROJECT:
        return read_table(raw, named, SECTION) if b"graphpolicy" in raw else None
    if len(raw) > LARGEST:
        message = f"is larger than {LARGEST >> 10} KiB"
        return Finding(RULE, "error", message, "keep only defaults in it", source=Place(named))
    return read_table(raw, named)


def _wrong(table: TomlTable) -> Iterator[Finding]:
    """What is wrong with the keys and values of a file."""
    from graphpolicy.model.did_you_mean import closest, plain
    from graphpolicy.policyfile.wording import shown

    home = repository(FilePath(table.file).parent)
    never = {plain(name): name for name in FORBIDDEN}
    for name, value in table.values.items():
        place = table.place(name)
        if plain(name) in never:
            flag = never[plain(name)]
            message = f"{name} can't be set in a file that others can change: {FORBIDDEN[flag]}"
            own = flag in ("graph-url", "access-token")
            where = f"set {variable(flag)} where you trust it"
            where = "set AZURE_AUTHORITY_HOST where you trust it" if flag == "authority" else where
            fix = where if own or flag == "authority" else f"give --{flag} with the command"
            yield Finding(RULE, "error", message, f"remove the line; {fix}", source=place)
        elif name not in KEYS:
            near = closest(name, KEYS)
            fix = f"did you mean '{near}'?" if near else f"it has {', '.join(KEYS)}"
            message = f"there is no default {shown(name)}"
            yield Finding(RULE, "error", message, fix, source=place)
        elif fault := _fault(name, value):
            yield Finding(RULE, "error", fault[0], fault[1], source=place)
        elif KEYS[name].path:
            folder = FilePath(table.file).parent
            for path in words_of(value):
                if not _inside(home, folder, path):
                    message = f"{name}: {shown(path)} points outside {home.as_posix()}"
                    fix = "name a place inside the repository, or give the flag with the command"
                    yield Finding(RULE, "error", message, fix, source=place)


def _inside(home: FilePath, folder: FilePath, path: str) -> bool:
    """Whether a path of the file stays in the repository, links followed.

    A share of a server is refused unseen: to look at it, Windows would sign in there.
    """
    drive = PureWindowsPath(path).drive
    if drive.startswith("\\\\") or (drive and os.name != "nt"):
        return False
    return FilePath(os.path.realpath(folder / path)).is_relative_to(home)


def _fault(name: str, value: Any) -> tuple[str, str] | None:
    """Why a flag does not take a value, and what it takes."""
    from graphpolicy.catalogue.shared import GUID
    from graphpolicy.model.did_you_mean import question
    from graphpolicy.policyfile.wording import shown

    key = KEYS[name]
    if key.words == SWITCH:
        return (
            None
            if isinstance(value, bool)
            else (f"{name} must be true or false", "write true or false, without quotes")
        )
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in listed) or (
        isinstance(value, list) and not key.several
    ):
        kind = "a list of text values" if key.several else "a single text"
        sample = f'{name} = ["VALUE"]' if key.several else f'{name} = "VALUE"'
        found = next((one for one in listed if not isinstance(one, str)), value)
        return f"{name} must be {kind}, not {shown(found)}", f"write {sample}"
    if not listed or not all(one.strip() for one in listed):
        return f"{name} is empty", "write a value, or remove the line"
    if key.words and listed[0] not in key.words:
        known = f"it takes {', '.join(key.words)}"
        return f"{name} does not take {shown(listed[0])}", question(listed[0], key.words) or known
    if name == "client-id" and not re.fullmatch(GUID, listed[0].strip()):
        return f"client-id: {shown(listed[0])} is not an id", "write the application's id (a GUID)"
    return None


def words_of(value: Any) -> tuple[str, ...]:
    """A value of the file as texts, also one of a wrong type."""
    if isinstance(value, bool):
        return (str(value).lower(),)
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _of_file(table: TomlTable) -> Iterator[tuple[str, Default]]:
    """The defaults of a file without mistakes; its paths become paths from here."""
    folder = FilePath(table.file).parent
    for name, value in table.values.items():
        values = words_of(value)
        if KEYS[name].path:
            values = tuple(FilePath(os.path.normpath(folder / one)).as_posix() for one in values)
        yield name, Default(name, values, str(table.place(name)))


def _of_variables(environment: Mapping[str, str]) -> Iterator[tuple[str, Default]]:
    for name, key in KEYS.items():
        from_ = variable(name)
        text = environment.get(from_)
        if text is None:
            continue
        words = [one.strip() for one in text.split(",")] if key.several else text.strip()
        value = text.strip() == "true" if key.words == SWITCH and text.strip() in SWITCH else words
        if fault := _fault(name, value):
            raise UsageError(f"{from_}: {fault[0]}", f"correct it or unset it: {fault[1]}")
        yield name, Default(name, words_of(value), from_)


def variable(name: str) -> str:
    """The variable of a flag."""
    return f"GRAPHPOLICY_{name.upper().replace('-', '_')}"
