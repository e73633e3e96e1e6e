"""Photos: load, sniff, bound, orient, shrink, strip of metadata, hash, spot duplicates and blur.

`prepare` and what it needs is imported when a photo is first prepared.
"""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
