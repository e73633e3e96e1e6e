"""Test doubles and contracts for users' own tests. Nothing here talks to an engine by itself.

What these doubles answer is scripted: it says nothing about what an engine would see.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
