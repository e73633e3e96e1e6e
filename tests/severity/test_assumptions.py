from pathlib import Path

from inspectiq.severity import SeverityProfile
from inspectiq.severity._assumptions import render_severity_assumptions

PAGE = Path(__file__).parent.parent.parent / "docs" / "severity-assumptions.md"
NAMES = ("house", "nspire", "nspire_hcv", "awaab", "asap")
WRITE = (
    'write it again: python -c "from pathlib import Path; from inspectiq.severity import *; '
    "Path('docs/severity-assumptions.md').write_text(severity_page([SeverityProfile.named(name) "
    f"for name in {NAMES}]), encoding='utf-8')\""
)


def test_the_page_is_the_one_of_the_data() -> None:
    profiles = [SeverityProfile.named(name) for name in NAMES]
    assert PAGE.read_text(encoding="utf-8") == render_severity_assumptions(profiles), WRITE


def test_everything_on_the_page_has_a_source_and_a_mark() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    told = [row for row in rows if "---" not in row and "| mark |" not in row]
    assert len(told) > 200
    for row in told:
        *_, source, mark = [cell.strip() for cell in row.strip("|").split("|")]
        assert source, row
        assert mark in ("V", "S", "A"), row
