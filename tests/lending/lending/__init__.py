"""Implementations of the lending contracts, written by hand."""
