"""Which line of a contract a generated line comes from, and the other way.

Nothing is written down for it: the elements of a generated file (classes, attributes, steps, members of JSON objects)
are recognised by the names that the linked model gives them, and the model knows where each is said.
"""
