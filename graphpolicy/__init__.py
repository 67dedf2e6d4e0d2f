"""Keep a Microsoft Entra tenant's authentication methods policy in git."""

__version__ = "0.1.0"
