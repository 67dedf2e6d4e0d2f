"""Runs workflows as GitHub does, as far as these need it: the scripts in real bash."""
