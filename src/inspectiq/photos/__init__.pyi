from inspectiq.photos._photo import Photo as Photo
from inspectiq.photos._image_rule import ImageRule as ImageRule
from inspectiq.photos._prepare import PreparedPhoto as PreparedPhoto
