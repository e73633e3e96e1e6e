from inspectiq.reports._report_folder import write_report as write_report
from inspectiq.reports._pictures import write_pictures as write_pictures
from inspectiq.reports._html import render_html as render_html
from inspectiq.reports._pdf import render_pdf as render_pdf
from inspectiq.reports._index import render_index as render_index
from inspectiq.reports._brand import Brand as Brand
