"""The bases that files extend, and what is wrong with `extends`.

The bases of a file come below it in the order of its list, each once and after its own bases, so
that a base that two others share can't undo what one of them changed. Each `extends` is followed
once, even if many files share it: the time grows linearly with the number of files.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path as FilePath

from graphpolicy.disk.folders import links
from graphpolicy.model import Finding
from graphpolicy.model.command import command
from graphpolicy.model.did_you_mean import question
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.codeowners import Ownership, unowned, unowned_link
from graphpolicy.policyfile.files import SUFFIXES
from graphpolicy.policyfile.library import Library
from graphpolicy.policyfile.merge import Layer
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.wording import shown

DEEPEST = 20
"""How long a chain of bases may be. A person could not follow more."""
MOST = 50
"""How many bases a file may have in all."""
SUGGESTED = 100
"""How many mistyped bases get a suggestion: each is compared with every file of its folder."""
NAMED = 20
"""How many files of a cycle a message names; a longer cycle is only counted."""


@dataclass
class ExtendedBases:
    """What one file extends: `bases` by index in its list, as real paths.

    `depth` is the length of the longest chain of bases below it.
    """

    layer: Layer
    bases: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    depth: int = 0

    def refuse(self, index: int, rule: str, message: str, fix: str) -> None:
        """Drop a base, with a finding that says why."""
        self.bases.pop(index, None)
        at = ("extends", index)
        self.findings.append(finding(self.layer.document, at, rule, message, fix))


class Bases:
    """The bases of every file of a library. `home` is the folder that all of them must be in."""

    def __init__(self, library: Library, home: FilePath) -> None:
        self.library = library
        self.home = home
        self.ownership = Ownership(home)
        self._steps: dict[str, ExtendedBases] = {}
        self._suggested = 0

    def chain(self, top: Layer) -> tuple[list[Layer], list[Finding]]:
        """A file and all its bases, lowest first, and what is wrong with their `extends`."""
        real = os.path.realpath(top.file)
        self._settle(real, top)
        own = self._steps[real]
        ordered = self._ordered(real)
        if len(ordered) > MOST + 1:
            message = f"extends more than {MOST} files in all"
            fix = "combine them into fewer files"
            many = finding(top.document, ("extends",), "extends-too-deep", message, fix)
            return [top], [*own.findings, many]
        steps = [self._steps[file] for file in ordered]
        found = [finding for step in steps for finding in step.findings]
        if (any(step.bases for step in steps) or len(links(top.file)) > 1) and (
            self.ownership.owns(top.file)
        ):
            found += unowned_link(self.ownership, top.file)
            found += (finding for step in steps for finding in self._unowned(step))
        return [step.layer for step in steps], found

    def _unowned(self, step: ExtendedBases) -> Iterator[Finding]:
        """Bases without an owner, of a policy that has one."""
        document = step.layer.document
        for index in step.bases:
            written = step.layer.data["extends"][index]
            for name in self.ownership.unowned(_beside(step.layer.file, written)):
                leads = f"extends {shown(written)} leads to {shown(name)}"
                yield unowned(leads, document.place(("extends", index)))

    def _ordered(self, top: str) -> list[str]:
        """The files, each after its own bases. Stops soon after `MOST` files."""
        seen, done, ahead = {top}, [], [(top, iter(self._steps[top].bases.values()))]
        while ahead and len(seen) <= MOST + 1:
            file, rest = ahead[-1]
            base = next((base for base in rest if base not in seen), None)
            if base is None:
                done.append(file)
                ahead.pop()
            else:
                seen.add(base)
                ahead.append((base, iter(self._steps[base].bases.values())))
        return done if not ahead else [*seen]

    def _settle(self, top: str, layer: Layer) -> None:
        """Follow `extends` from a file, where that has not been done yet.

        Tarjan's algorithm finds cycles in linear time: files that reach each other are closed
        together, bases before the files that extend them.
        """
        numbers: dict[str, int] = {}
        lowest: dict[str, int] = {}
        open_: list[str] = []
        ahead: list[tuple[str, list[str]]] = []

        def enter(file: str) -> None:
            numbers[file] = lowest[file] = len(numbers)
            open_.append(file)
            ahead.append((file, list(self._steps[file].bases.values())))

        if top not in self._steps:
            self._look(top, layer)
            enter(top)
        while ahead:
            file, rest = ahead[-1]
            if rest:
                base = rest.pop()
                if base not in self._steps:
                    self._look(base, self.library.layers[base])
                    enter(base)
                elif base in lowest:
                    lowest[file] = min(lowest[file], numbers[base])
                continue
            ahead.pop()
            if ahead:
                above = ahead[-1][0]
                lowest[above] = min(lowest[above], lowest[file])
            if lowest[file] == numbers[file]:
                together = [open_.pop()]
                while together[-1] != file:
                    together.append(open_.pop())
                for one in together:
                    del lowest[one]
                self._close(frozenset(together))

    def _close(self, together: Collection[str]) -> None:
        """Drop bases that form a cycle or a chain that is too long, once all bases are known.

        A cycle is one finding, which each of its files gets.
        """
        ring = {
            file: [base for base in self._steps[file].bases.values() if base in together]
            for file in together
        }
        told: Finding | None = None
        for file in sorted(together):
            step = self._steps[file]
            for index, base in list(step.bases.items()):
                name = shown(step.layer.data["extends"][index])
                depth = self._steps[base].depth + 1
                if base in together:
                    told = told or self._ring(ring, file, index)
                    step.bases.pop(index)
                elif depth > DEEPEST:
                    message = f"extends {name} makes a chain of more than {DEEPEST} bases"
                    fix = "shorten the chain"
                    step.refuse(index, "extends-too-deep", message, fix)
                else:
                    step.depth = max(step.depth, depth)
        if told:
            for file in together:
                self._steps[file].findings.append(told)

    def _ring(self, ring: Mapping[str, Sequence[str]], file: str, index: int) -> Finding:
        """The finding about files that extend one another, placed in the first file by name."""
        step = self._steps[file]
        way = _round(ring, step.bases[index], file)
        lines = sum(map(len, ring.values()))
        more = f" ({lines} entries of extends in {len(ring)} files are part of it)"
        message = f"extends {shown(step.layer.data['extends'][index])} creates a cycle{way}"
        message += more if lines > len(ring) else ""
        fix = "remove one of these entries of extends"
        return finding(step.layer.document, ("extends", index), "extends-cycle", message, fix)

    def _look(self, real: str, layer: Layer) -> None:
        """Find the bases of one file, and drop those that can't be used."""
        step = self._steps[real] = ExtendedBases(layer)
        written = layer.data.get("extends") or ()
        if len(written) > MOST:
            message = f"extends {len(written)} files; at most {MOST} are allowed"
            fix = "combine them into fewer files"
            step.refuse(MOST, "extends-too-deep", message, fix)
            return
        for index, name in enumerate(written):
            if name is None:
                continue
            file = _beside(layer.file, name)
            if problem := self._problem(file, name):
                step.refuse(index, *problem)
            else:
                step.bases[index] = os.path.realpath(file)

    def _problem(self, file: str, written: str) -> tuple[str, str, str] | None:
        """Why a base cannot be used: rule, message and help."""
        name = shown(written)
        if not written.isprintable():
            message = f"extends {name}, which contains invisible characters"
            fix = "name a .yaml file by its path relative to this file"
            return "extends-not-policy", message, fix
        real = os.path.realpath(file)
        if not FilePath(real).is_relative_to(self.home):
            message = f"extends {name} points outside {self.home.as_posix()}"
            fix = "keep every base inside the repository"
            return "extends-outside", message, fix
        if FilePath(file).suffix.lower() not in SUFFIXES:
            message = f"extends {name}, which is not a YAML file"
            return "extends-not-policy", message, "name a .yaml file"
        if not os.path.isfile(real):  # noqa: PTH113 - pathlib raises where access is denied
            if "://" in written:
                message = f"extends {name}, which is a URL; a base must be a file in the repository"
                return "missing-file", message, "copy the file into the repository, and name that"
            fix = self._meant(file, real)
            return "missing-file", f"extends {name}, but there is no file {file}", fix
        if not self.library.read(file).is_policy:
            message = f"extends {name}, which can't be read as a policy"
            return "extends-not-policy", message, f"see {command('validate', file)}"
        return None

    def _meant(self, file: str, real: str) -> str:
        self._suggested += 1
        beside = self.library.beside(real) if self._suggested <= SUGGESTED else ()
        meant = question(os.path.basename(file), beside)  # noqa: PTH119
        return meant or "check the spelling; paths are relative to this file"


def _round(ring: Mapping[str, Sequence[str]], start: str, end: str) -> str:
    """The shortest cycle through a base and the file that extends it, for a message."""
    if len(ring) > NAMED:
        return f" of {len(ring)} files"
    above = {start: start}
    near = [start]
    for file in near:
        for base in ring[file]:
            if base not in above:
                above[base] = file
                near.append(base)
    way = [start, end]
    while way[-1] != start:
        way.append(above[way[-1]])
    return f": {' -> '.join(os.path.basename(file) for file in reversed(way))}"  # noqa: PTH119


def _beside(file: str, written: str) -> str:
    """A path that is written in a file, relative to the current folder."""
    return os.path.normpath(FilePath(file).parent / written).replace(os.sep, "/")
