import json
from decimal import Decimal
from pathlib import Path

import pytest

from inspectiq import ConfigError, CostBook
from inspectiq.costs import Source
from tests.costs.cases import case, issue

HEAD = 'name = "mine"\nversion = "1"\n'
OVER_US = HEAD + 'base = "us"\n'


def _toml(folder: Path, text: str, name: str = "book.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _refusal(path: Path) -> str:
    read = CostBook.from_json if path.suffix == ".json" else CostBook.from_toml
    with pytest.raises(ConfigError) as caught:
        read(path)
    message = str(caught.value)
    assert str(path) in message  # which file
    return message


def test_a_file_over_the_shipped_book_states_only_what_differs(tmp_path: Path) -> None:
    path = _toml(
        tmp_path,
        OVER_US
        + """
        [sources.payroll]
        name = "Our payroll"
        year = 2026
        mark = "V"
        [wages]
        national.plumber = 41.37
        regions.CA.plumber = 52.10
        source = "payroll"
        [burden]
        factor = 2.2
        [items.clog]
        hours = 1
        """,
    )
    book = CostBook.from_toml(path)
    cost = book.estimate(issue("clog", 1), case("CA"))
    assert cost is not None
    labour, burden = cost.lines
    assert (labour.amount, labour.source, labour.mark) == (Decimal("52.10"), "Our payroll", "V")
    assert (burden.amount, burden.source) == (Decimal("62.52"), "mine 1")
    assert book.built_on == CostBook.default().label


def test_a_number_in_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    text = HEAD + 'currency = "EUR"\nitems.clog = { rate = 0.1 }\n'
    assert CostBook.from_toml(_toml(tmp_path, text)).items["clog"].rate == Decimal("0.1")
    path = tmp_path / "book.json"
    path.write_text(
        '{"name": "m", "version": "1", "currency": "EUR", "items": {"x": {"rate": 0.3}}}'
    )
    assert CostBook.from_json(path).items["x"].rate == Decimal("0.3")


def test_a_book_that_was_written_as_json_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    path.write_text(CostBook.default().model_dump_json(indent=2), encoding="utf-8")
    assert CostBook.from_json(path).sha256 == CostBook.default().sha256


def test_a_base_may_be_another_file_beside_it(tmp_path: Path) -> None:
    _toml(tmp_path, OVER_US + "burden.factor = 3\n", "group.toml")
    text = 'name = "branch"\nversion = "2"\nbase = "group.toml"\nbounds.hours = 20\n'
    book = CostBook.from_toml(_toml(tmp_path, text))
    assert book.burden.factor == 3
    assert book.bounds.hours == 20
    assert book.built_on == "mine 1"
    raw = {"name": "leaf", "version": "3", "base": "book.toml"}
    (tmp_path / "leaf.json").write_text(json.dumps(raw))
    assert CostBook.from_json(tmp_path / "leaf.json").burden.factor == 3


def test_bases_that_go_in_a_circle_are_refused(tmp_path: Path) -> None:
    _toml(tmp_path, 'name = "b"\nversion = "1"\nbase = "a.toml"\n', "b.toml")
    path = _toml(tmp_path, 'name = "a"\nversion = "1"\nbase = "b.toml"\n', "a.toml")
    with pytest.raises(ConfigError, match=r"circle \(a.toml -> b.toml -> a.toml\); take one"):
        CostBook.from_toml(path)
    alone = _toml(tmp_path, 'name = "c"\nversion = "1"\nbase = "c.toml"\n', "c.toml")
    assert "c.toml -> c.toml" in _refusal(alone)


@pytest.mark.parametrize(
    ("text", "where", "mend"),
    [
        ("[items.clog]\nhours = -1\n", "items.clog.hours", "greater than or equal to 0"),
        ("[items.clog]\nhours = nan\n", "items.clog.hours", "finite number"),
        ("[burden]\nfactor = inf\n", "burden.factor", "finite number"),
        ("[wages]\nregions.Bavaria.plumber = 20\n", "wages.regions.Bavaria", "use its code"),
        (
            '[items.clog]\nhours = 1\ntrade = "plumbr"\n',
            "items.clog.trade",
            "did you mean plumber?",
        ),
        ('[items.clog]\nhours = 1\ntrade = "xyz"\n', "items.clog.trade", "add wages.national.xyz"),
        ('fallback_trade = "xyz"\n', "fallback_trade", "missing trade"),
        ('fallback_type = "xyz"\n', "fallback_type", "name another type"),
        ('currency = "GBP"\n', "currency", "two currencies: the book is in GBP"),
        (
            "[items.clog]\nhurs = 1\n",
            "items.clog.hurs",
            "there is no such field; did you mean hours?",
        ),
        ('[burden]\nsource = "ghost"\n', "burden.source", "add it as [sources.ghost]"),
        ("wages = 3\n", "wages", "valid dictionary"),
        ("sources = 3\n", "sources", "[sources.KEY]"),
        (
            'items.clog = { rate = 1, code = "A" }\nitems.roach = { rate = 2, code = "A" }\n',
            "items.clog.code",
            "give each rate a code of its own",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_place_and_how_to_mend_it(
    tmp_path: Path, text: str, where: str, mend: str
) -> None:
    message = _refusal(_toml(tmp_path, OVER_US + text))
    assert where in message or where.replace("clog", "roach") in message
    assert mend in message


def test_a_book_of_hours_needs_wages(tmp_path: Path) -> None:
    text = HEAD + 'currency = "EUR"\n[items.clog]\nhours = 1\n'
    message = _refusal(_toml(tmp_path, text))
    assert "items.clog.hours: missing trade: the book has no wages" in message


def test_a_book_needs_a_name_and_a_version(tmp_path: Path) -> None:
    assert "version: is missing" in _refusal(_toml(tmp_path, 'name = "mine"\nbase = "us"\n'))


@pytest.mark.parametrize("base", ["book.txt", 3, "europe"])
def test_a_base_is_us_or_a_file(tmp_path: Path, base: object) -> None:
    path = _toml(tmp_path, HEAD + f"base = {json.dumps(base)}\n")
    assert 'base: give "us" or the path of a book' in _refusal(path)


def test_what_is_no_toml_or_json_is_told_so(tmp_path: Path) -> None:
    assert "this is not TOML" in _refusal(_toml(tmp_path, "name = \n"))
    for text, wrong in (
        ("{", "this is not JSON"),
        ("[]", "named fields"),
        ('{"name": "a", "name": "b"}', "'name' stands twice"),
        ('{"name": "a", "version": "1", "currency": "EUR", "burden": {"factor": NaN}}', "finite"),
    ):
        path = tmp_path / "book.json"
        path.write_text(text)
        assert wrong in _refusal(path)


def test_a_file_that_cannot_be_read_is_told_so(tmp_path: Path) -> None:
    assert "check the path" in _refusal(tmp_path / "nowhere.toml")
    path = tmp_path / "book.toml"
    path.write_bytes(b"\xff\xfe")
    assert "UTF-8" in _refusal(path)


def test_a_source_may_be_written_where_it_is_used(tmp_path: Path) -> None:
    text = OVER_US + 'burden = { factor = 2, source = { name = "Audit", mark = "V" } }\n'
    book = CostBook.from_toml(_toml(tmp_path, text))
    assert book.burden.source == Source(name="Audit", mark="V")
