from decimal import Decimal
from pathlib import Path

from inspectiq import CostBook
from inspectiq.costs import Tax, calibrate
from inspectiq.costs._assumptions import render_cost_assumptions
from tests.costs.cases import case, issue

PAGE = Path(__file__).parent.parent.parent / "docs" / "assumptions.md"
WRITE = (
    'write it again: python -c "from pathlib import Path; from inspectiq.costs import CostBook; '
    "from inspectiq.costs._assumptions import render_cost_assumptions; "
    "Path('docs/assumptions.md').write_text("
    "render_cost_assumptions(CostBook.default()), encoding='utf-8')\""
)


def test_the_page_of_assumptions_is_the_one_of_the_data() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_cost_assumptions(CostBook.default()), WRITE


def test_every_figure_on_the_page_has_a_mark() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    told = [row for row in rows if "---" not in row and "| mark |" not in row]
    assert len(told) > 114 + 32 + 54
    for row in told:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[-1] in ("V", "S", "A"), row


def test_a_book_of_ones_own_has_a_page_too(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("type,code,trade,rate,currency\nclog,P1,plumber,62,GBP\n", encoding="utf-8")
    book = CostBook.from_csv(path, tax={"label": "VAT", "rate": "0.2"})
    page = render_cost_assumptions(book)
    assert "| clog | each | 1 | all in: 62 P1 |" in page
    assert "| VAT | 20 %, added | rates 1 | A |" in page
    included = book.model_copy(update={"tax": Tax(rate=Decimal("0.1"), included=True)})
    assert "| Tax | 10 %, included |" in render_cost_assumptions(included)


def test_corrections_are_told() -> None:
    book = CostBook.default()
    costs = [book.estimate(issue("clog", 1 + place), case("CA")) for place in range(12)]
    known = [cost for cost in costs if cost is not None]
    learnt = calibrate(known, [cost.expected * 2 for cost in known], book=book)
    page = render_cost_assumptions(learnt.book)
    assert "| correction, plumber | × 2.0000 | 12 invoices | V |" in page
