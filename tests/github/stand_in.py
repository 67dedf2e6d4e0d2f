"""A small stand-in of GitHub's REST API: issues, comments, pages, permissions and rate limits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.github.git_data import Git

REPOSITORY = "contoso/policy"
TOKEN = "ghs_stand_in"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
MALLORY = {"login": "mallory", "type": "User"}
PAGE = 2
"""Entries a page at most, whatever is asked for: what needs more has to turn pages."""


@dataclass
class Hub:
    """Issues and comments of one repository, and how the next requests are answered."""

    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    pulls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    read_only: bool = False
    may_open_pulls: bool = True
    refusals: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    refused_writes: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    ids: int = 100
    git: Git = field(default_factory=Git)
    scanned: list[dict[str, Any]] | None = None
    """The uploads to code scanning; None if the repository does not have it."""

    def add_issue(self, body: str, user: Any = BOT, *, label: str = "", state: str = "open") -> int:
        number = len(self.issues) + 1
        labels = [{"name": label}] if label else []
        self.issues[number] = {
            "url": f"https://api.github.com/repos/{REPOSITORY}/issues/{number}",
            "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
            "number": number,
            "title": f"Issue {number}",
            "body": body,
            "state": state,
            "user": user,
            "labels": labels,
        }
        return number

    def add_comment(self, number: int, body: str, user: Any = BOT) -> dict[str, Any]:
        self.ids += 1
        comment = {"id": self.ids, "body": body, "user": user}
        self.comments.setdefault(number, []).append(comment)
        return comment

    def said(self, number: int) -> list[str]:
        return [comment["body"] for comment in self.comments.get(number, [])]

    async def receive(self, request: Request) -> Response:
        self.asked.append((request.method, request.url.path))
        if request.headers.get("authorization") != f"token {TOKEN}" and (
            request.headers.get("authorization") != f"Bearer {TOKEN}"
        ):
            return JSONResponse({"message": "Bad credentials"}, 401)
        if self.refusals:
            status, headers, message = self.refusals.pop(0)
            return JSONResponse({"message": message}, status, headers=headers)
        if self.refused_writes and request.method != "GET":
            status, headers, message = self.refused_writes.pop(0)
            return JSONResponse({"message": message}, status, headers=headers)
        if self.read_only and request.method != "GET":
            return JSONResponse({"message": "Resource not accessible by integration"}, 403)
        path = request.path_params["path"].split("/")
        body = await request.json() if request.method in ("POST", "PATCH") else {}
        return self.answer(request, path, body)

    def answer(self, request: Request, path: list[str], body: dict[str, Any]) -> Response:
        match request.method, path:
            case "GET", ["issues"]:
                wanted = request.query_params.get("labels", "")
                creator = request.query_params.get("creator", "")
                found = [
                    issue
                    for issue in self.issues.values()
                    if {label["name"] for label in issue["labels"]} >= set(filter(None, [wanted]))
                    and creator in ("", issue["user"]["login"])
                ]
                return paged(request, found)
            case "POST", ["issues"]:
                label = next(iter(body.get("labels", [])), "")
                number = self.add_issue(body["body"], label=label)
                self.issues[number]["title"] = body["title"]
                return JSONResponse(self.issues[number], 201)
            case "GET", ["issues", number]:
                return JSONResponse(self.issues[int(number)])
            case "PATCH", ["issues", number]:
                self.issues[int(number)].update(body)
                return JSONResponse(self.issues[int(number)])
            case "GET", ["issues", number, "comments"]:
                return paged(request, self.comments.get(int(number), []))
            case "POST", ["issues", number, "comments"]:
                return JSONResponse(self.add_comment(int(number), body["body"]), 201)
            case method, ["issues", "comments", id_]:
                return self.one_comment(method, int(id_), body)
            case "GET", ["commits", sha]:
                return JSONResponse({"sha": sha, "url": str(request.url)})
            case "GET", ["commits", sha, "pulls"]:
                return paged(request, self.pulls.get(sha, []))
            case "POST", ["code-scanning", "sarifs"]:
                if self.scanned is None:
                    message = "Code Security must be enabled for this repository."
                    return JSONResponse({"message": message}, 403)
                self.scanned.append(body)
                return JSONResponse({"id": "1"}, 202)
        if path[0] in ("git", "contents"):
            return self.git.answer(request, path, body)
        if path[0] == "pulls" or path[2:] == ["labels"]:
            return self.of_pulls(request, path, body)
        return JSONResponse({"message": "Not Found"}, 404)

    def of_pulls(self, request: Request, path: list[str], body: dict[str, Any]) -> Response:
        """Pull requests, which are issues with a branch."""
        match request.method, path:
            case "GET", ["pulls"]:
                head = request.query_params.get("head", "")
                own = [
                    issue
                    for issue in self.issues.values()
                    if "head" in issue and issue["head"]["label"] == head
                ]
                return paged(request, [self.shown(pull) for pull in own])
            case "POST", ["pulls"]:
                if not self.may_open_pulls:
                    message = "GitHub Actions is not permitted to create or approve pull requests."
                    return JSONResponse({"message": message}, 403)
                if any(
                    issue["state"] == "open" and issue["head"]["ref"] == body["head"]
                    for issue in self.issues.values()
                    if "head" in issue
                ):
                    why = f"A pull request already exists for contoso:{body['head']}."
                    refusal = {"message": "Validation Failed", "errors": [{"message": why}]}
                    return JSONResponse(refusal, 422)
                number = self.add_pull(body["head"], body["title"], body["body"], base=body["base"])
                return JSONResponse(self.issues[number], 201)
            case "PATCH", ["pulls", number]:
                self.issues[int(number)].update(body)
                return JSONResponse(self.issues[int(number)])
            case "POST", ["issues", number, "labels"]:
                labels = [{"name": name} for name in body["labels"]]
                self.issues[int(number)]["labels"] += labels
                return JSONResponse(labels)
        return JSONResponse({"message": "Not Found"}, 404)

    def add_pull(
        self, branch: str, title: str, body: str, user: Any = BOT, base: str = "main"
    ) -> int:
        number = self.add_issue(body, user)
        self.issues[number].update(
            title=title,
            merged_at=None,
            base={"ref": base},
            head={
                "ref": branch,
                "label": f"contoso:{branch}",
                "sha": self.git.refs[branch],
                "repo": {"full_name": REPOSITORY},
            },
        )
        return number

    def shown(self, pull: dict[str, Any]) -> dict[str, Any]:
        """A pull request with the commit that its branch ends at; a closed one keeps its last."""
        if pull["state"] == "open":
            pull["head"]["sha"] = self.git.refs[pull["head"]["ref"]]
        return pull

    def one_comment(self, method: str, id_: int, body: dict[str, Any]) -> Response:
        for comments in self.comments.values():
            for comment in comments:
                if comment["id"] == id_:
                    if method == "DELETE":
                        comments.remove(comment)
                        return Response(status_code=204)
                    comment.update(body)
                    return JSONResponse(comment)
        return JSONResponse({"message": "Not Found"}, 404)


def paged(request: Request, entries: list[dict[str, Any]]) -> Response:
    """One page, and where the next one is, as GitHub says it: in a Link header."""
    number = int(request.query_params.get("page", "1"))
    shown = entries[(number - 1) * PAGE : number * PAGE]
    headers = {}
    if number * PAGE < len(entries):
        following = request.url.include_query_params(page=number + 1)
        headers["Link"] = f'<{following}>; rel="next"'
    return JSONResponse(shown, headers=headers)


@dataclass
class Served:
    """The stand-in at an address; another one may replace it."""

    hub: Hub
    url: str = ""

    async def receive(self, request: Request) -> Response:
        return await self.hub.receive(request)


@contextmanager
def serving() -> Iterator[Served]:
    """A server for stand-ins, one after the other."""
    served = Served(Hub())
    route = Route(
        f"/repos/{REPOSITORY}/{{path:path}}",
        served.receive,
        methods=["GET", "POST", "PATCH", "DELETE"],
    )
    config = uvicorn.Config(Starlette(routes=[route]), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    served.url = f"http://127.0.0.1:{port}"
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join(5)
