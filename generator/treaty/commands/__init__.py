"""The commands that are more than a few lines: one module each; `cli` registers them.

Modules import what is heavy inside the command, so that `treaty --help` and completion answer at once.
"""
