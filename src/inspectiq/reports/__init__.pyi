from inspectiq.reports._report_folder import write_report as write_report
from inspectiq.reports._pictures import write_pictures as write_pictures
from inspectiq.reports._language import Language as Language
