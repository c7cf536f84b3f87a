"""Faults while usage is recorded, and afterwards a reckoning: nothing acknowledged may be lost or counted twice."""
