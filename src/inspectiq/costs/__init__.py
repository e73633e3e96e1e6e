"""What a repair costs: cost books, estimates that explain themselves, calibration, useful lives."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
