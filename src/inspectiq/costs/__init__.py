"""What a repair costs: cost books, estimates that explain themselves, calibration, useful lives."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
