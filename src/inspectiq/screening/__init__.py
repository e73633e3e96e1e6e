"""Finds emergencies in somebody's words before any model is asked; nothing lowers them later."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
