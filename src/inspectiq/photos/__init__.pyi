from ._photo import Photo as Photo
from ._rule import ImageRule as ImageRule
