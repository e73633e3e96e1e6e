"""How bad a finding is, and by when what must be done: dated profiles, and the policy."""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
