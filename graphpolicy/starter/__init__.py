"""The files of a new repository of policies, which `init` writes."""
