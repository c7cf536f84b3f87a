"""The output folder: what is ours in it, how it differs from what should be there, and the only code that writes to it.

`manifest` says which files are ours, `compare` what has to be done, `lock` that one run does it at a time, and
`journal` that it is done as a whole or not at all.
"""
