"""The plan of a tenant: its changes, its digest and its verdict. Pure."""
