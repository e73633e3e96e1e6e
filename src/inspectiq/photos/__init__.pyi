from inspectiq.photos._photo import Photo as Photo
from inspectiq.photos._image_rule import ImageRule as ImageRule
