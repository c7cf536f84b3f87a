"""Usage-based billing: meters, limits, the ledger of usage and the totals made of it."""
