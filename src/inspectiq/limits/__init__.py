"""What a call may cost and how often it may happen: models and prices, rate limits, budgets."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
