"""What contracts must keep that no single word of them shows: one rule per module."""
