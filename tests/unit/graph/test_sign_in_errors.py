"""Entra's refusals, in our words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from graphpolicy.graph import refused_sign_in
from graphpolicy.graph.connection import connection
from graphpolicy.graph.failures import SignInError
from graphpolicy.graph.refused_sign_in import sign_in_refused
from graphpolicy.plan.verb_permissions import needed

REFUSED = (
    "Microsoft Entra ID error '(invalid_client) AADSTS7000215: Invalid client secret provided. "
    "Ensure the secret being sent in the request is the client secret value. Trace ID: "
    "0a1b2c3d-0000-4000-8000-000000000000 Correlation ID: c Timestamp: 2026-11-24 12:00:00Z'\n"
    'Content: {"error":"invalid_client"}'
)


def test_entras_refusal_keeps_its_code_and_says_what_repairs_it() -> None:
    failure = sign_in_refused("client secret", "it was asked for", RuntimeError(REFUSED))
    assert isinstance(failure, SignInError)
    assert failure.exit_code == 4
    assert failure.text == (
        "sign-in by client secret was refused: AADSTS7000215: the client secret is wrong"
    )
    assert failure.code == "AADSTS7000215"
    assert failure.message.endswith("is the client secret value")
    assert failure.request_id == "0a1b2c3d-0000-4000-8000-000000000000"
    assert failure.help.startswith("AZURE_CLIENT_SECRET takes the secret's value")


def test_an_unknown_code_is_told_in_entras_words() -> None:
    failure = sign_in_refused("x", "y", RuntimeError("Authentication failed: AADSTS1: Odd thing."))
    assert failure.text == "sign-in by x was refused: AADSTS1: Odd thing"


def test_the_subject_that_did_not_match_is_shown() -> None:
    said = "AADSTS700213: No matching record for subject 'repo:o@1/r@2:environment:e'. Trace ID: a"
    assert "'repo:o@1/r@2:environment:e'" in sign_in_refused("x", "y", RuntimeError(said)).help


def test_a_sign_in_that_never_reached_entra_says_why_this_way_was_taken() -> None:
    failure = sign_in_refused("Azure CLI", "it is the last resort", FileNotFoundError())
    assert failure.text == "sign-in by Azure CLI failed: FileNotFoundError"
    assert "Azure CLI was used because it is the last resort" in failure.help
    assert "--auth" in failure.help


def test_every_refusal_that_is_known_says_what_to_do() -> None:
    file = Path(refused_sign_in.__file__).with_name("entra_errors.json")
    made = connection({}, "browser", needs=needed(("apply",)))
    for known, row in json.loads(file.read_text("utf-8")).items():
        words = f"Authentication failed: {known}: Entra says so. Trace ID: a"
        failure = sign_in_refused("browser", "it was asked for", RuntimeError(words), made)
        assert row["means"] in failure.text, known
        assert len(failure.help) > 15, known
        assert not {"{", "}"} & set(failure.help), known


def test_who_may_consent_to_what_is_said() -> None:
    made = connection({}, "browser", needs=needed(("apply",)), client_id="x")
    for code in ("AADSTS65001", "AADSTS90094"):
        failure = sign_in_refused("browser", "", RuntimeError(f"{code}: No. Trace ID: a"), made)
        assert "Cloud Application" in failure.help
        assert "the app x needs" in failure.help
        assert "Policy.ReadWrite.AuthenticationMethod" in failure.help
        address = re.search(r"https://[^ ]*adminconsent[^ ]*", failure.help)
        assert address is not None
        asked = parse_qs(urlsplit(address[0]).query)
        assert (asked["client_id"], asked["redirect_uri"]) == (["x"], ["http://localhost"])
        assert "https://graph.microsoft.com/GroupMember.Read.All" in asked["scope"][0].split()
    failure = sign_in_refused("browser", "", RuntimeError("AADSTS65002: No. Trace ID: a"), made)
    assert "--client-id" in failure.help
