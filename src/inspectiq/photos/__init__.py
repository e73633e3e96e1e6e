"""Photos: load, sniff, bound, orient, shrink, strip of metadata, hash, spot duplicates and blur.

`prepare` and what it needs is imported when a photo is first prepared.
"""

from inspectiq.photos.collect import collect
from inspectiq.photos.examine import Examined, examine
from inspectiq.photos.photo import Photo
from inspectiq.photos.rule import ImageRule

__all__ = ["Examined", "ImageRule", "Photo", "collect", "examine"]
