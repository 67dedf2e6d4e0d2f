"""A stateful Microsoft Graph look-alike for the authentication methods policy.

It replaces Graph in tests, demonstrations and dry runs, and refuses requests as Graph does. It
imports nothing from the rest of graphpolicy. `describe` lists its claims about Graph and the
evidence for each. It needs the extra `mock` (starlette, and uvicorn to serve).
"""

from .describe import describe
from .entra.applications import SECRET as DEFAULT_SECRET, Application, Federated
from .entra.tokens import APPLICATION as DEFAULT_APPLICATION
from .faults import KINDS as FAULT_KINDS, NAMES as FAULT_NAMES, Fault, UnknownFaultError
from .graph.call import Answer
from .graph.errors import GraphError
from .mock import ALL_ROLES, ALL_SCOPES, DEFAULT_TENANT, Mock
from .rules import Rule
from .seeds import SEEDS
from .server import Server, run, serve
from .snapshots import SnapshotError
from .switches import SwitchDoc, Switches, UnknownSwitchError, switch_docs
from .world import RecordedRequest

__all__ = [
    "ALL_ROLES",
    "ALL_SCOPES",
    "DEFAULT_APPLICATION",
    "DEFAULT_SECRET",
    "DEFAULT_TENANT",
    "FAULT_KINDS",
    "FAULT_NAMES",
    "SEEDS",
    "Answer",
    "Application",
    "Fault",
    "Federated",
    "GraphError",
    "Mock",
    "RecordedRequest",
    "Rule",
    "Server",
    "SnapshotError",
    "SwitchDoc",
    "Switches",
    "UnknownFaultError",
    "UnknownSwitchError",
    "describe",
    "run",
    "serve",
    "switch_docs",
]
