"""GitHub's token endpoint for a job of a workflow, which Entra is configured to trust."""

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Final

import jwt

from ..clock import Clock
from ..rules import enforces
from ..tables import JsonObject
from .applications import GITHUB, REPOSITORY
from .keys import ALGORITHM, signing_key

PATH: Final = "/github/token"
LIFETIME: Final = 300
_OWNER_ID: Final = "5544123"
_REPOSITORY_ID: Final = "821093847"


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a workflow; `immutable` has GitHub's newer subject, with the ids in it."""

    repository: str = REPOSITORY
    ref: str = "refs/heads/main"
    event: str = "push"
    environment: str | None = None
    immutable: bool = False

    @property
    def subject(self) -> str:
        """What GitHub's token says the job is."""
        owner, _, name = self.repository.partition("/")
        if self.immutable:
            owner, name = f"{owner}@{_OWNER_ID}", f"{name}@{_REPOSITORY_ID}"
        if self.environment:
            return f"repo:{owner}/{name}:environment:{self.environment}"
        if self.event == "pull_request":
            return f"repo:{owner}/{name}:pull_request"
        return f"repo:{owner}/{name}:ref:{self.ref}"


@dataclass(slots=True)
class Jobs:
    """The jobs that may ask for a token, by the bearer token that each was given."""

    _rows: dict[str, Job] = field(default_factory=dict)

    def start(self, job: Job) -> str:
        """Start a job and return its ACTIONS_ID_TOKEN_REQUEST_TOKEN."""
        bearer = secrets.token_urlsafe(32)
        self._rows[bearer] = job
        return bearer

    def find(self, authorization: str) -> Job | None:
        """The job whose token an Authorization header holds."""
        return self._rows.get(authorization.partition(" ")[2].strip())


@enforces("github-token")
def job_token(job: Job, audience: str | None, clock: Clock) -> JsonObject:
    """Answer GitHub's token endpoint: a token of five minutes about the job."""
    now = int(clock.machine().timestamp())
    owner = job.repository.partition("/")[0]
    claims: JsonObject = {
        "jti": str(uuid.uuid4()),
        "iss": GITHUB,
        "sub": job.subject,
        "aud": audience or f"https://github.com/{owner}",
        "iat": now,
        "nbf": now - 60,
        "exp": now + LIFETIME,
        "ref": job.ref,
        "ref_type": "branch",
        "repository": job.repository,
        "repository_id": _REPOSITORY_ID,
        "repository_owner": owner,
        "repository_owner_id": _OWNER_ID,
        "event_name": job.event,
        "workflow": "policy",
        "job_workflow_ref": f"{job.repository}/.github/workflows/policy.yml@{job.ref}",
        "runner_environment": "github-hosted",
    }
    if job.environment:
        claims["environment"] = job.environment
    value = jwt.encode(claims, signing_key("github"), ALGORITHM, headers={"kid": "github"})
    return {"count": len(value), "value": value}
