"""Webhooks that are kept until they are delivered: accepted, signed, attempted, replayed."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
