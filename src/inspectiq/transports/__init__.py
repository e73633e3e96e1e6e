"""Engines, and the wrappers that compose into a call stack."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
