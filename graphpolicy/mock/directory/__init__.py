"""The directory: groups, people, roles, and people's sign-in methods."""
