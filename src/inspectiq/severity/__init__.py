"""How bad a finding is, and by when what must be done: dated profiles, and the policy."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
