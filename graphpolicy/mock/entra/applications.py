"""Applications of the mock's tenants, and how each may prove who it is."""

from dataclasses import dataclass, field
from typing import Final

from ..graph.permissions import every_permission
from .tokens import APPLICATION

SECRET: Final = "mock-secret"  # noqa: S105 - it opens nothing but the mock
GRAPH_TOOLS: Final = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
"""Microsoft Graph Command Line Tools, which every tenant knows."""
AZURE_CLI: Final = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""Azure CLI, which every tenant knows, with permissions that nobody can add to."""
_OF_AZURE_CLI: Final = (
    *("Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "AuditLog.Read.All"),
    *("DelegatedPermissionGrant.ReadWrite.All", "Directory.AccessAsUser.All"),
    *("Group.ReadWrite.All", "User.Read.All", "User.ReadWrite.All"),
)
GITHUB: Final = "https://token.actions.githubusercontent.com"
AUDIENCES: Final = (
    "api://AzureADTokenExchange",
    "api://AzureADTokenExchangeUSGov",
    "api://AzureADTokenExchangeChina",
)
REPOSITORY: Final = "contoso/policy"


@dataclass(frozen=True, slots=True)
class Federated:
    """A federated credential: the tokens that stand for the application, by subject and issuer."""

    subject: str
    issuer: str = GITHUB
    audiences: tuple[str, ...] = AUDIENCES


@dataclass(frozen=True, slots=True)
class Application:
    """An application with what was consented to, as `roles` and as `scopes`, and its proofs.

    `certificates` are in PEM. A public client needs no proof when a person signs in. An application
    of Microsoft's with `fixed` permissions can't be consented to anything else.
    """

    id: str
    display_name: str
    roles: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    federated: tuple[Federated, ...] = ()
    public: bool = False
    fixed: bool = False


@dataclass(slots=True)
class Applications:
    """The applications by id."""

    _rows: dict[str, Application] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the mock's own application, which may do everything, and Microsoft's tools."""
        everything = every_permission("application"), every_permission("delegated")
        subjects = ("ref:refs/heads/main", "pull_request", "environment:entra-apply")
        self.add(
            Application(
                APPLICATION,
                "graphpolicy mock",
                *everything,
                secrets=(SECRET,),
                federated=tuple(Federated(f"repo:{REPOSITORY}:{each}") for each in subjects),
                public=True,
            )
        )
        self.add(
            Application(
                GRAPH_TOOLS,
                "Microsoft Graph Command Line Tools",
                scopes=everything[1],
                public=True,
            )
        )
        self.add(
            Application(
                AZURE_CLI, "Microsoft Azure CLI", scopes=_OF_AZURE_CLI, public=True, fixed=True
            )
        )

    def add(self, application: Application) -> None:
        """Register an application, or replace it."""
        self._rows[application.id.lower()] = application

    def find(self, identifier: str) -> Application | None:
        """An application by id."""
        return self._rows.get(identifier.lower())
