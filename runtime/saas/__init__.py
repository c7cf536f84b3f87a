"""This repository's own service: what `contracts/saas/` promises, written by hand."""
