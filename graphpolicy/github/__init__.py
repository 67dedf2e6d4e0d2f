"""GitHub: the sticky comment of a pull request and the drift issue of a tenant."""
