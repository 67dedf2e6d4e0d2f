"""The directory: groups, people, roles, and what is known of their sign-in methods."""
