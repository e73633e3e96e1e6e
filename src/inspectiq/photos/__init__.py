"""Photos: load, sniff, bound, orient, shrink, strip of metadata, hash, spot duplicates and blur."""

from inspectiq.photos.collect import collect
from inspectiq.photos.examine import Examined, examine
from inspectiq.photos.fingerprint import Fingerprint, near
from inspectiq.photos.formats import sniff
from inspectiq.photos.photo import Photo
from inspectiq.photos.prepare import Prepare, Prepared, prepare_picture
from inspectiq.photos.rule import ImageRule

__all__ = [
    "Examined",
    "Fingerprint",
    "ImageRule",
    "Photo",
    "Prepare",
    "Prepared",
    "collect",
    "examine",
    "near",
    "prepare_picture",
    "sniff",
]
