"""The demonstration: the whole service on this machine, and a walk through it."""
