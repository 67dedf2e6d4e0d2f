"""GitHub's Git database API over one small repository: blobs, trees, commits and branches."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MISSING = {"message": "Not Found"}


@dataclass
class Git:
    """Trees are flat: a path leads to a blob. `refs` are branches."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, dict[str, str]] = field(default_factory=dict)
    commits: dict[str, dict[str, Any]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    race: Mapping[str, bytes] | None = None
    """What somebody pushes to a branch just before it is moved the next time."""

    def push(self, branch: str, files: Mapping[str, bytes], message: str = "by hand") -> str:
        """What a person does with git: a commit on a branch, with files laid over its last."""
        parents = [self.refs[branch]] if branch in self.refs else []
        tree = dict(self.trees[self.commits[parents[0]]["tree"]]) if parents else {}
        tree |= {path: self.add_blob(data) for path, data in files.items()}
        self.refs[branch] = self.add_commit(message, self.add_tree(tree), parents)
        return self.refs[branch]

    def read(self, branch: str, path: str) -> bytes:
        return self.blobs[self.trees[self.commits[self.refs[branch]]["tree"]][path]]

    def history(self, branch: str) -> set[str]:
        """Every commit that a branch has."""
        found: set[str] = set()
        waiting = [self.refs[branch]]
        while waiting:
            commit = waiting.pop()
            if commit not in found:
                found.add(commit)
                waiting += self.commits[commit]["parents"]
        return found

    def add_blob(self, data: bytes) -> str:
        sha = hashlib.sha1(b"blob %d\0%b" % (len(data), data)).hexdigest()
        self.blobs[sha] = data
        return sha

    def add_tree(self, tree: dict[str, str]) -> str:
        sha = _named(sorted(tree.items()))
        self.trees[sha] = tree
        return sha

    def add_commit(self, message: str, tree: str, parents: Sequence[str]) -> str:
        sha = _named([message, tree, list(parents), len(self.commits)])
        self.commits[sha] = {"message": message, "tree": tree, "parents": list(parents)}
        return sha

    def answer(self, request: Request, path: list[str], body: dict[str, Any]) -> Response:
        match request.method, path:
            case "GET", ["contents", *parts]:
                tree = self.trees[self.commits[request.query_params["ref"]]["tree"]]
                sha = tree.get("/".join(parts))
                return JSONResponse(
                    {"sha": sha, "type": "file"} if sha else MISSING, 200 if sha else 404
                )
            case "POST", ["git", "blobs"]:
                assert body["encoding"] == "base64"
                return JSONResponse({"sha": self.add_blob(base64.b64decode(body["content"]))}, 201)
            case "POST", ["git", "trees"]:
                tree = dict(self.trees[body["base_tree"]])
                tree |= {entry["path"]: entry["sha"] for entry in body["tree"]}
                return JSONResponse({"sha": self.add_tree(tree)}, 201)
            case "POST", ["git", "commits"]:
                sha = self.add_commit(body["message"], body["tree"], body["parents"])
                return JSONResponse({"sha": sha}, 201)
            case "GET", ["git", "commits", sha]:
                commit = self.commits[sha]
                shown = {"sha": sha, "message": commit["message"], "tree": {"sha": commit["tree"]}}
                return JSONResponse(shown)
            case "GET", ["git", "ref", "heads", *parts]:
                branch = "/".join(parts)
                if branch not in self.refs:
                    return JSONResponse(MISSING, 404)
                return JSONResponse({"ref": branch, "object": {"sha": self.refs[branch]}})
            case "GET", ["git", "matching-refs", *parts]:
                found = (f"refs/heads/{branch}" for branch in sorted(self.refs))
                begin = f"refs/{'/'.join(parts)}"
                return JSONResponse([{"ref": each} for each in found if each.startswith(begin)])
        return self.moved(request, path, body)

    def moved(self, request: Request, path: list[str], body: dict[str, Any]) -> Response:
        branch = "/".join(path[3:]) or body.get("ref", "").removeprefix("refs/heads/")
        if self.race is not None:
            self.push(branch, self.race)
            self.race = None
        match request.method, path:
            case "POST", ["git", "refs"]:
                if branch in self.refs:
                    return JSONResponse({"message": "Reference already exists"}, 422)
                self.refs[branch] = body["sha"]
                return JSONResponse({"ref": body["ref"]}, 201)
            case "PATCH", ["git", "refs", "heads", *_]:
                self.refs["next"] = body["sha"]
                ahead = self.refs[branch] in self.history("next")
                del self.refs["next"]
                if not ahead and not body["force"]:
                    return JSONResponse({"message": "Update is not a fast forward"}, 422)
                self.refs[branch] = body["sha"]
                return JSONResponse({"ref": branch})
            case "DELETE", ["git", "refs", "heads", *_]:
                found = self.refs.pop(branch, None)
                return Response(status_code=204) if found else JSONResponse(MISSING, 404)
        return JSONResponse(MISSING, 404)


def _named(what: Any) -> str:
    return hashlib.sha1(json.dumps(what).encode()).hexdigest()
