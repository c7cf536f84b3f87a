"""`treaty diff`: what changed between two states of the contracts, and for whom it breaks something.

`sources` reads OLD and NEW, folders or git revisions; `compare` finds the changes, each of one class of the
`catalogue`; `judge` lets stability and version decide whether what breaks may break; `allowances` are what
pyproject.toml lets pass for a while; `text` and `machine` print the changes.
"""
