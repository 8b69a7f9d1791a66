"""Deliberate weakenings of what decides who may do what, each of which the suite must notice.

`making` finds them in the source by its syntax, so that they stay valid as the code changes; `choosing` says which tests
should notice one; `running` tries them in a copy of the tree.
"""
