"""Photos: load, sniff, bound, orient, shrink, strip of metadata, hash, spot duplicates and blur.

`prepare` and what it needs is imported when a photo is first prepared.
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
