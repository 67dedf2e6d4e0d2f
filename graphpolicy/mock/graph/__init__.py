"""Graph itself: from a request's token and path to its handler, and how it refuses."""
