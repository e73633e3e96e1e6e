"""Emergencies in somebody's words: found before any model is asked, and never lowered."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
