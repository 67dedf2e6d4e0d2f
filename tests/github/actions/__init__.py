"""Runs workflows as GitHub does, as far as ours need it: the scripts in real bash."""
