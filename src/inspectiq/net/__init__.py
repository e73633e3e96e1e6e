"""Guarded HTTP: webhooks and photo URLs reach public addresses, and those a policy opens."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
