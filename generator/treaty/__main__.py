"""`python -m treaty` is `treaty`."""

from treaty.cli import main

main()
