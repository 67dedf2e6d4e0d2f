"""What verbs do: a module with the name of each, and what several share.

They take connections and callbacks and return results. Nothing here prints, asks or reads flags.
"""
