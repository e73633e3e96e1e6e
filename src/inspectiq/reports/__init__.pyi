from inspectiq.reports._report_folder import write_report as write_report
from inspectiq.reports._pictures import write_pictures as write_pictures
from inspectiq.reports._records import to_records as to_records
from inspectiq.reports._frames import to_dataframe as to_dataframe
from inspectiq.reports._csv import to_csv as to_csv
from inspectiq.reports._csv import write_csv as write_csv
