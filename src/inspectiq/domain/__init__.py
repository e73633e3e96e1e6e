"""The values that results consist of: frozen, without I/O, engine or clock."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
