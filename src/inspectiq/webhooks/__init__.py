"""Webhooks that are kept until they are delivered: accepted, signed, attempted, replayed."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
