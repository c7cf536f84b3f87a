"""Contracts in, files out: the build-time half of Treaty."""
