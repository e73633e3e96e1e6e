from inspectiq.photos._photo import Photo as Photo
from inspectiq.photos._rule import ImageRule as ImageRule
