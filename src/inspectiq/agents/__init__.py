"""Agents: they plan what to ask, and absorb what came back."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
