"""Load: how much the service takes, as operators run it, and whether it keeps what it acknowledged."""
