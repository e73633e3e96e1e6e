"""The events that observers are told of: small, without photo bytes, keys or an engine's text."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
