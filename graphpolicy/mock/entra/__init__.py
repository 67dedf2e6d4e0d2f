"""Entra's side: who signs in, with what, and which token comes of it."""
