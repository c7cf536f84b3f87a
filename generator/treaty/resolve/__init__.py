"""Contracts in; one linked model out."""
