"""One module for each verb. Each takes connections and callbacks and returns a result.

Nothing here prints, asks a question or reads flags.
"""
