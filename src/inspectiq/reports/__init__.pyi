from ._folder import write_report as write_report
from ._pictures import write_pictures as write_pictures
