"""Two commands for the --help of each verb: what a person types first."""

from __future__ import annotations

from collections.abc import Mapping

import click

EXAMPLES: Mapping[str, tuple[str, str]] = {
    "demo": ("demo", "demo --no-pause"),
    "init": ("init --tenant contoso.com", "init --from-tenant entra"),
    "validate": ("validate", "validate --format sarif -o found.sarif"),
    "login": ("login", "login --for apply --tenant contoso"),
    "logout": ("logout", "logout --tenant contoso"),
    "plan": ("plan -o plan.json -o plan.html", "plan --only Fido2 --impact"),
    "apply": ("apply", "apply plan.json --auto-approve"),
    "drift": ("drift", "drift --format json -o drift.md"),
    "pull": ("pull -o policies/contoso.yaml", "pull --update"),
    "groups": ("groups", "groups --tenant contoso --format json"),
    "impact": ("impact", "impact --on 2099-02-01 --csv people.csv"),
    "rollout": ("rollout", "rollout open passkeys"),
    "rollout show": ("rollout", "rollout passkeys --csv missing.csv"),
    "rollout open": ("rollout open passkeys", "rollout open passkeys everyone"),
    "announce": ("announce -o mail.html", "announce --plan plan.json --on 2099-02-01"),
    "explain": ("explain number matching", "explain MicrosoftAuthenticator.state"),
    "docs": ("docs", "docs review"),
    "help": ("help", "help tap issue"),
    "completion": ("completion bash", "completion powershell"),
    "rollback": ("rollback", "rollback --to contoso.snapshot.json"),
    "history": ("history", "history 20991124T135001Z-contoso"),
    "tap": ("tap issue ana@contoso.com --reason INC0790", "tap list --group Helpdesk"),
    "tap issue": (
        "tap issue ana@contoso.com --reason INC0790",
        "tap issue ana@contoso.com --lifetime 60 --once",
    ),
    "tap list": ("tap list ana@contoso.com", "tap list --group Helpdesk"),
    "tap revoke": (
        "tap revoke ana@contoso.com",
        "tap revoke ana@contoso.com --reason INC0790",
    ),
    "mfa": ("mfa list ana@contoso.com", "mfa reset ana@contoso.com --dry-run"),
    "mfa list": ("mfa list ana@contoso.com", "mfa list --group Helpdesk --format csv"),
    "mfa reset": (
        "mfa reset ana@contoso.com --dry-run",
        "mfa reset ana@contoso.com --reason INC0790",
    ),
    "doctor": ("doctor", "doctor --tenant contoso --auth browser"),
    "ci": ("ci comment plan.md", "ci drift-issue drift.json"),
    "ci adopt-drift": ("ci adopt-drift", "ci adopt-drift --label entra-drift"),
    "ci comment": ("ci comment plan.md", "ci comment plan.md --pull-request 7"),
    "ci drift-issue": ("ci drift-issue drift.json", "ci drift-issue drift.json --label drift"),
    "ci fleet": ("ci fleet one.json two.json", "ci fleet one.json two.json -o fleet.html"),
    "ci matrix": ("ci matrix", "ci matrix --ring 1 --shards 20"),
    "ci notify": ("ci notify drift.json --to teams", "ci notify drift.json --to slack"),
    "ci open-wave": ("ci open-wave", "ci open-wave --label rollout"),
    "ci outputs": ("ci outputs plan.json", "ci outputs plan.json >> outputs.txt"),
    "ci summary": ("ci summary plan.md", "ci summary drift.md"),
    "schema": ("schema", "schema > policies/policy.schema.json"),
    "mock": ("mock --port 8765", "mock --seed empty --port 0"),
}
"""The examples of each verb and of each verb below it, without the program's name."""


def with_examples(name: str, command: click.Command) -> click.Command:
    """The command and those below it, with their examples at the end of --help."""
    below = command.commands if isinstance(command, click.Group) else {}
    for path, each in ((name, command), *((f"{name} {word}", one) for word, one in below.items())):
        if path in EXAMPLES:
            lines = "\n".join(f"  graphpolicy {words}" for words in EXAMPLES[path])
            each.epilog = f"\b\nExamples:\n{lines}"
    return command
