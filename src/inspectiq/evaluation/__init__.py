"""Evaluation: how well findings agree with what people saw on the same photos."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
