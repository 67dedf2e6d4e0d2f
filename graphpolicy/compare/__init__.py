"""The files compared with the tenant: differences, and the requests that remove them. Pure."""
