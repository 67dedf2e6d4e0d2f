"""The sign-in methods, and the environment variables that each needs.

The names are azure-identity's (`AZURE_*`) first, then those of Terraform's providers (`ARM_*`).
"""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "github": "GitHub federation",
    "azure-pipelines": "Azure Pipelines federation",
    "workload": "workload identity",
    "certificate": "client certificate",
    "secret": "client secret",
    "managed": "managed identity",
    "cli": "Azure CLI",
    "browser": "browser",
    "device-code": "device code",
}
"""The titles of the sign-in methods, by the name that `--auth` takes."""

GRAPH_TOOLS = "14d82eec-204b-4c2f-b7e8-296a70dab67e"
"""The app "Microsoft Graph Command Line Tools", the public client of Microsoft's Connect-MgGraph.
People who sign in without an app of their own use it."""
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""The app of Azure CLI. Microsoft gave it fixed permissions, for people none of Policy.*
(Azure/azure-cli#22775)."""
THROUGH_CLI = (
    "for people Azure CLI's own app has no Policy.* permission, and nobody can add one: use "
    "--auth browser, or an app of your own with --client-id"
)

CLIENT_ID = ("AZURE_CLIENT_ID", "ARM_CLIENT_ID")
TENANT_ID = ("AZURE_TENANT_ID", "ARM_TENANT_ID")
CLIENT_SECRET = ("AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET")
CERTIFICATE_PATH = ("AZURE_CLIENT_CERTIFICATE_PATH", "ARM_CLIENT_CERTIFICATE_PATH")
CERTIFICATE_PASSWORD = ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "ARM_CLIENT_CERTIFICATE_PASSWORD")
TOKEN_FILE = ("AZURE_FEDERATED_TOKEN_FILE", "ARM_OIDC_TOKEN_FILE_PATH")
REQUEST_URL = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ARM_OIDC_REQUEST_URL")
REQUEST_TOKEN = ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ARM_OIDC_REQUEST_TOKEN")
PIPELINE_URL = ("SYSTEM_OIDCREQUESTURI",)
PIPELINE_TOKEN = ("SYSTEM_ACCESSTOKEN",)
PIPELINE_CLIENT = (*CLIENT_ID, "AZURESUBSCRIPTION_CLIENT_ID")
SERVICE_CONNECTION = (
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "AZURE_SERVICE_CONNECTION_ID",
    "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
)
MANAGED = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT")
CA_FILE = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")

NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "github": (REQUEST_URL, REQUEST_TOKEN, CLIENT_ID),
    "azure-pipelines": (PIPELINE_URL, PIPELINE_TOKEN, PIPELINE_CLIENT, SERVICE_CONNECTION),
    "workload": (TOKEN_FILE, CLIENT_ID),
    "certificate": (CERTIFICATE_PATH, CLIENT_ID),
    "secret": (CLIENT_SECRET, CLIENT_ID),
    "managed": (MANAGED,),
}
"""The variables that each sign-in method needs, in the order in which `auto` tries them."""

PIPELINES = (
    *("CI", "TF_BUILD", "GITHUB_ACTIONS", "GITLAB_CI", "BITBUCKET_BUILD_NUMBER", "JENKINS_URL"),
    *("TEAMCITY_VERSION", "CODEBUILD_BUILD_ID", "BUILD_BUILDID", "BUILDKITE", "CIRCLECI"),
)
"""The variables that pipelines set: there no person is asked to sign in, and no sign-in is kept."""


def in_pipeline(environment: Mapping[str, str]) -> bool:
    """Whether this is a job of a pipeline."""
    return any(environment.get(name, "").strip() not in ("", "0", "false") for name in PIPELINES)
