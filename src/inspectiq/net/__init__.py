"""Guarded HTTP: webhooks and photos by URL reach public addresses, and what a policy opens."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
