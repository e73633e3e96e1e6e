"""What a call may cost and how often it may happen: models and prices, rate limits, budgets."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
