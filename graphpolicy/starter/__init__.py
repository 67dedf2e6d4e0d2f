"""What a repository of policies begins with."""
