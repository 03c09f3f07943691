# with openpyxl
"""A workbook with formulas, styles, a chart and merged cells, written and read."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.formula import Tokenizer
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, range_boundaries


def write(rows):
    book = Workbook()
    sheet = book.active
    sheet.title = "data"
    for k in range(rows):
        sheet.append([k, f"text {k} <&>", k / 4, k % 2 == 0, date(2024, 1, 1 + k % 28)])
    sheet["G1"] = "=SUM(A1:A10)"
    sheet["G1"].font = Font(bold=True, color="FF0000")
    sheet["G2"].fill = PatternFill("solid", fgColor="00FF00")
    sheet.merge_cells("H1:I3")
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=1, min_row=1, max_row=5))
    sheet.add_chart(chart, "K2")
    book.create_sheet("other")["B2"] = datetime(2020, 5, 6, 7, 8, 9)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(rows):
    book = load_workbook(io.BytesIO(write(rows)))
    sheet = book["data"]
    return (book.sheetnames, sheet.dimensions, [c.value for c in sheet[rows]], sheet["G1"].value,
            sheet["G1"].font.b, str(sheet.merged_cells), book["other"]["B2"].value.isoformat(),
            sum(row[2] for row in sheet.iter_rows(values_only=True) if row[2] is not None))


print(read(20))
with ThreadPoolExecutor(3) as pool:
    for result in pool.map(read, (5, 50, 200)):
        print(result)
book = load_workbook(io.BytesIO(write(10)), read_only=True)
print([row[1].value for row in book["data"].iter_rows(max_row=3)])
print(get_column_letter(1000), range_boundaries("B2:AA30"),
      [(t.value, t.type) for t in Tokenizer('=IF(A1>2,"x",SUM(B1:B3)*2)').items])
