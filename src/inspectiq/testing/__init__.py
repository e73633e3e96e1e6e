"""Test doubles and contracts for users' own tests. Nothing here talks to an engine by itself.

What these doubles answer is scripted: it says nothing about what an engine would see.
"""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
