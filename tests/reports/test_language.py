import ast
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import inspectiq
from inspectiq import (
    ConfigError,
    CostBook,
    DiagnosisAgent,
    InspectionAgent,
    IssueType,
    Photo,
    Property,
    Taxonomy,
    errors,
)
from inspectiq.domain import Finding, PhotoFault, Result
from inspectiq.errors import PhotoReason
from inspectiq.reports import Language
from inspectiq.reports._fault_words import find_fault_words
from inspectiq.reports._language import ENGLISH, LONGEST
from inspectiq.reports._stored_texts import Template, load_stored, load_templates
from inspectiq.testing import FunctionTransport, make_answer, make_issue, make_problem
from tools import messages

ES = Language.of("es")
ROOT = Path(inspectiq.__file__).parent

# -- the catalogues --------------------------------------------------------------------------------


def test_every_message_has_its_spanish_and_the_catalogues_are_as_they_would_be_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (messages.main(["--check"]), capsys.readouterr().out) == (0, "")


def test_the_check_tells_of_a_message_without_spanish_and_of_other_parts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {**messages.list_messages(), "A brand new {thing}": ["reports/_new.py"]}
    monkeypatch.setattr(messages, "list_messages", lambda: found)
    assert messages.main(["--check"]) == 1
    assert "es: nothing for 'A brand new {thing}'" in capsys.readouterr().out
    catalog = messages.make_catalogue(messages.FOLDER / "es.po", {"{count} hours": []})
    catalog["{count} hours"].string = "{cuenta} horas"
    assert [*messages.find_faults(catalog)] == ["es: other parts for '{count} hours'"]


def test_what_renderers_and_templates_say_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_page.py").write_text(
        'language.say("One {a}", a=1); language.say_count(n, "{count} b", "{count} bs"); say(name)',
        encoding="utf-8",
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '<p>{{ say("Two") }}{{ say_count(n, "{count} c", "{count} cs") }}</p>', encoding="utf-8"
    )
    monkeypatch.setattr(messages, "REPORTS", tmp_path)
    found = messages.list_messages()
    for message, file in (
        ("One {a}", "reports/_page.py"),
        (("{count} b", "{count} bs"), "reports/_page.py"),
        ("Two", "reports/templates/page.html"),
        (("{count} c", "{count} cs"), "reports/templates/page.html"),
    ):
        assert found[message] == [file]


def test_the_emergency_screen_says_in_spanish_what_the_catalogue_does() -> None:
    both = zip(messages.list_screen_words("en"), messages.list_screen_words("es"), strict=True)
    assert all(ES.translate(english) == spanish for english, spanish in both)


BRITISH = re.compile(
    r"\b(\w*(?:labour|colour|mould|neighbour|metre|litre|grey|ise[ds]?\b|nisab|ising|levell|defence)"
    r"|(?:burnt|smelt|taps?|worktop|towards)\b)",
    re.IGNORECASE,
)
SAME = re.compile(r"\b(otherwise|advises?|raised?|comprised?|noise|supervise|precise|disguise)\b")


def test_english_is_that_of_the_united_states_unless_another_is_asked_for() -> None:
    data = {"domain/taxonomy.toml", "costs/us", "costs/us/lives.toml", *load_stored()}
    told = [text for text, where in messages.list_messages().items() if data.intersection(where)]
    left = [
        text
        for text in told
        if isinstance(text, str) and BRITISH.search(SAME.sub("", ENGLISH.translate(text)))
    ]
    assert left == []
    assert ENGLISH.translate("Labour, floor layer") == "Labor, floor layer"
    assert Language.of("en-US").say("Torn or burnt carpet") == "Torn or burned carpet"
    assert Language.of("en-GB").say("Torn or burnt carpet") == "Torn or burnt carpet"
    assert Language.of("en-GB").translate("Labour, floor layer") == "Labour, floor layer"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "reports").glob("*.py")), ids=lambda path: path.name
)
def test_no_message_is_said_within_an_f_string(path: Path) -> None:
    # Before Python 3.12 what collects messages sees nothing in there, and they stay English.
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
            names = [getattr(call, "attr", getattr(call, "id", "")) for call in calls]
            assert not {"say", "say_count"}.intersection(names), node.lineno


# -- texts of results ------------------------------------------------------------------------------


@cache
def _list_words(file: str) -> frozenset[str]:
    """The words of all strings in a file of code."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return frozenset(re.findall(r"\w+", " ".join(strings).lower()))


@pytest.mark.parametrize(
    ("file", "text"), [(file, text) for file, texts in load_stored().items() for text in texts]
)
def test_a_stored_text_is_one_that_code_writes(file: str, text: str) -> None:
    words = set(re.findall(r"[a-z]{3,}", re.sub(r"\{\w+\}", "", text.lower())))
    # Plurals are made by a letter; spans of time and kinds of lines are keys.
    made = {word for word in words if word.removesuffix("s") in _list_words(file)}
    assert words - made - _list_words(file) - MADE_OF_KEYS == set()


MADE_OF_KEYS = {"hour", "hours", "day", "days", "week", "weeks", "working"}


@cache
def _draw_photo(colour: str) -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (300, 200), colour).save(file, "JPEG")
    return file.getvalue()


def _photos(count: int) -> list[Photo]:
    colours = ("white", "red", "blue", "green", "black", "gray")
    return [Photo.from_bytes(_draw_photo(colours[at]), name=f"{at + 1}.jpg") for at in range(count)]


def _make_results() -> Iterator[Result]:
    """Results that have every type of issue, and what goes wrong."""
    types = [kind.key for kind in Taxonomy.default().types]
    inspected = datetime(2026, 1, 15, 12, tzinfo=UTC)
    us, place = Property(state="CA", country="US"), Property(country="GB")
    for severity, condition, confidence in (
        ("critical", "wear", 0.9),
        ("low", "damage", 0.2),
        (None, "unclear", 0.9),
    ):
        issues = [
            make_issue(
                key, 1, severity=severity, condition=condition, confidence=confidence,
                facts=["exposed_conductor", "child_reach"], extent=200, hours=3,
            )
            for key in types
        ]  # fmt: skip
        engine = FunctionTransport(
            lambda request, issues=issues: make_answer(request, issues, unclear={2: "too dark"})  # type: ignore[misc]
        )
        for profile in ("house", "nspire", "nspire_hcv", "awaab", "asap"):
            agent = InspectionAgent(engine, severity=profile, photos_per_request=9)
            yield agent.inspect(
                [*_photos(3), Photo.from_bytes(b"", name="broken.jpg")],
                property=us if severity else place,
                inspected_at=inspected if severity else None,
                reported_at=inspected,
            )
    yield InspectionAgent(FunctionTransport(lambda request: make_answer(request))).inspect(
        _photos(1)
    )
    told = [
        make_problem("clog"),
        make_problem("gas_leak_reported", severity="high", confidence=0.1),
    ]
    expert = DiagnosisAgent(FunctionTransport(lambda request: make_answer(request, told)))
    yield expert.diagnose(description="I smell gas in the kitchen and the sink is clogged")
    yield expert.diagnose(
        _photos(2), description="I smell gas, and flames come out of the stove", property=us
    )
    yield DiagnosisAgent("offline").diagnose(description="the kitchen drain is clogged")
    yield DiagnosisAgent("offline").diagnose(description="hello, it is me again")
    yield DiagnosisAgent("offline").diagnose(_photos(1))


OURS = re.compile(r"inspectiq-us 2026-11-23|[\d.]+|US|CA|GB|USD")
"""Texts that are the same in every language."""


def _list_finding_texts(finding: Finding) -> Iterator[str]:
    yield from (finding.label, *finding.scope.warnings, *finding.review)
    yield from filter(None, (finding.scope.action, finding.scope.trade.replace("_", " ")))
    yield from (finding.severity.label, finding.severity.rule, finding.severity.source)
    yield from finding.severity.review.split("; ")
    for deadline in finding.severity.deadlines:
        yield from (deadline.action, deadline.rule, deadline.source, deadline.needs or "")
    if basis := getattr(finding, "condition_basis", None):
        yield from basis.reasons
    if finding.cost:
        yield from (*finding.cost.notes, finding.cost.range_source)
        for line in finding.cost.lines:
            yield from (line.label, line.source, line.unit)


def _list_texts(result: Result) -> Iterator[str]:
    yield result.summary.headline
    for finding in result.found:
        yield from _list_finding_texts(finding)
    if result.cost:
        yield from (*result.cost.notes, result.cost.range_source)
        yield from (text for line in result.cost.lines for text in (line.label, line.source))
    for emergency in result.emergencies:
        yield from (emergency.label, *emergency.instructions)
    if result.screening and result.screening.reason:
        yield result.screening.reason
    yield from result.provenance.groups.values()
    if urgency := getattr(result, "urgency", None):
        yield from (urgency.label, urgency.rule)


def test_every_text_that_code_writes_into_results_has_its_spanish() -> None:
    written = {text for result in _make_results() for text in _list_texts(result) if text}
    left = {text for text in written if ES.translate(text) == text and not OURS.fullmatch(text)}
    assert left == set()
    assert len(written) > 600


def test_words_of_the_offline_engine_have_their_spanish() -> None:
    found = DiagnosisAgent("offline").diagnose(description="the drain in the kitchen is clogged")
    nothing = DiagnosisAgent("offline").diagnose(description="hello, it is me again")
    assert ES.translate(found.account).endswith("El texto corresponde mejor a: Desagüe tapado.")
    assert ES.translate(nothing.words.reason or "").startswith("las reglas no reconocen")


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        (
            "12 issues seen in 3 assessed or triaged photos; 2 more could not be assessed; a "
            "triage does not look for most kinds of issue.",
            "12 problemas a la vista en 3 fotos evaluadas o en triaje; 2 más sin poder evaluarse; "
            "un triaje no busca la mayoría de los tipos de problema.",
        ),
        ("No issues seen in 1 assessed photo.", "Ningún problema a la vista en 1 foto evaluada."),
        (
            "Act now, the words tell of an emergency (Smell of gas or escaping gas, Fire or "
            "smoke). Besides: nothing else was recognised from 1 photo and the words.",
            "Actúe ya, el texto habla de una emergencia (Olor a gas o fuga de gas, Fuego o "
            "humo). Además: no se reconoció nada más a partir de 1 foto y el texto.",
        ),
        (
            "our assumption [A]; mold_sq_ft 10: US EPA 402-K-01-001, table 2: under 10 is small "
            "[S]",
            "supuesto nuestro [A]; moho en pies cuadrados 10: US EPA 402-K-01-001, tabla 2: menos "
            "de 10 es pequeño [S]",
        ),
        (
            "house critical: 24 hours after inspected_at, in America/Chicago",
            "house critical: 24 horas desde la inspección, en America/Chicago",
        ),
        ("Moulding and paint, 10 % waste", "Moldura y pintura, 10 % de desperdicio"),
        ("Up to the visit minimum of 150, plumber", "Hasta el mínimo por visita de 150, plomero"),
        ("When you are outside, call 911.", "Cuando esté afuera, llame al 911."),
        ("live_parts", "partes con corriente"),
    ],
)
def test_a_text_that_was_composed_is_taken_apart_and_said_in_spanish(
    english: str, spanish: str
) -> None:
    assert ES.translate(english) == spanish


@pytest.mark.parametrize(
    "text",
    [
        "Roof issues",
        "Mold seen in the basement.",
        "Crack: 3 places",
        "Pool water is green",
        "pool_water",
        "Mr. Ada and the words",
        "{count} issues of {house}",
        "",
        " ",
        "%s {0} {",
    ],
)
def test_a_text_of_a_host_stays_as_it_is(text: str) -> None:
    assert ES.translate(text) == text


def test_labels_of_a_taxonomy_of_your_own_stay_and_ours_do_not() -> None:
    own = IssueType(key="pool_water", group="other", label="Green pool", trade="pool_service")
    engine = FunctionTransport(
        lambda request: make_answer(request, [make_issue("pool_water", 1), make_issue("clog", 1)])
    )
    taxonomy = Taxonomy.default().with_types(own)
    found = InspectionAgent(engine, taxonomy=taxonomy).inspect(_photos(1)).issues
    labels = {ES.translate(issue.label) for issue in found}
    assert labels == {"Green pool", "Desagüe tapado"}
    (pool,) = [issue for issue in found if issue.type == "pool_water"]
    assert pool.cost is not None
    assert "el libro no tiene trabajo para pool_water; precio según `otro`" in [
        ES.translate(note) for note in pool.cost.notes
    ]


FREE = st.text("xyzqwkñ日é", min_size=1, max_size=12)
FIGURES = st.decimals(0, 10**6, places=1).map(lambda one: f"{one:,f}")
KNOWN = {
    "found": ["No issues", "3 issues"],
    "coverage": ["1 assessed photo; 2 more could not be assessed", "12 triaged photos"],
    "problems": ["No problem", "4 problems"],
    "sources": ["2 photos and the words", "nothing"],
    "photos": ["1 photo", "9 photos"],
    "span": ["1 day", "10 working days"],
    "clock": ["reported_at", "inspected_at"],
    "listed": ["wear", "damage"],
}
LISTS = ["Fire or smoke", "gas_smell", "pool_fire"]


def _draw_part(data: st.DataObject, template: Template, name: str) -> str:
    if name in template.figures:
        return data.draw(FIGURES)
    if name in template.known:
        return data.draw(st.sampled_from(KNOWN[name]))
    if name in template.lists:
        return ", ".join(data.draw(st.lists(st.sampled_from(LISTS), min_size=1, max_size=4)))
    return data.draw(FREE | st.sampled_from(["cement_mason", "Blocked drain", "sq_ft"]))


@pytest.mark.parametrize("template", load_templates(), ids=lambda template: template.text[:60])
@given(data=st.data())
def test_whatever_the_parts_are_a_composed_text_is_known_again(
    template: Template, data: st.DataObject
) -> None:
    parts = {name: _draw_part(data, template, name) for name in template.names}
    said = {
        name: ", ".join(map(ES.translate, part.split(", ")))
        if name in template.lists
        else part
        if name in template.figures
        else ES.translate(part)
        for name, part in parts.items()
    }
    # Figures are written as the region does, which Spanish of the United States does as code does.
    assert ES.translate(template.text.format(**parts)) == ES.say(template.text, **said)


@given(st.text(max_size=300))
@example("a; b")
def test_what_is_no_text_of_ours_comes_back_and_nothing_is_raised(text: str) -> None:
    assert isinstance(ES.translate(text), str)
    assert Language.of("en-GB").translate(text) == text


HOSTILE = [
    "a; " * 4_000,
    ", " * 600,
    "1 issue; " * 1_200,
    "x [A] " * 1_700,
    "{" * 10_000,
    "listed as wear: " * 120 + "(x)",
    "; the rest " * 180 + "]",
    "1 issue seen in " * 120 + ".",
    "house: 1 day after reported_at, in " * 55,
    ("x [A] [S]" * 200 + "; ") * 5,
    "a 1: " * 390,
    "Read by rules that know common ways to say a thing, and no more. The words fit best: " * 20
    + ".",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_takes_little_time(text: str) -> None:
    began = time.process_time()
    for part in (text, text[:LONGEST], text[: LONGEST - 1] + "]"):
        ES.translate(part)
    assert time.process_time() - began < 2  # each takes milliseconds; a pattern's would be hours
    assert ES.translate(text * 10) == text * 10


# -- faults ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", get_args(PhotoReason))
def test_each_reason_of_a_photo_has_its_own_sentence(reason: PhotoReason) -> None:
    fault = PhotoFault(error="PhotoError", reason=reason, message="1.jpg: odd; do this")
    other = PhotoFault(error="PhotoError", message="1.jpg: odd")
    assert Language.of("en-GB").describe_fault(fault) == "1.jpg: odd; do this"
    said = ES.describe_fault(fault)
    assert said not in (find_fault_words(fault), find_fault_words(other), ES.describe_fault(other))
    assert said == ES.say(find_fault_words(fault))


NEVER_OF_PHOTOS = {"UnknownPhoto", "IncompleteResult", "DeliveryError", "InvalidWebhook"}


def test_each_class_of_error_has_its_own_sentence() -> None:
    classes = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, errors.InspectIQError)
    }
    said = {
        name: ES.describe_fault(PhotoFault(error=name, message="x"))
        for name in classes - NEVER_OF_PHOTOS
    }
    assert len(set(said.values())) == len(said)
    assert ES.describe_fault(PhotoFault(error="MyOwn", message="x")) == said["InspectIQError"]


def test_a_fault_of_ours_without_parts_is_translated_itself() -> None:
    fault = PhotoFault(error="InspectIQError", message="no request was sent for this photo")
    assert ES.describe_fault(fault) == "no se envió ninguna solicitud para esta foto"


# -- which language --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "named"),
    [
        (None, "en"),
        ("en", "en"),
        ("EN-us", "en-US"),
        ("es_mx", "es-MX"),
        ("es-419", "es-419"),
        ("es-Latn-US", "es-US"),
        ("es-KZ", "es-KZ"),
        (ES, "es"),
    ],
)
def test_a_tag_names_a_language_and_a_region(tag: Any, named: str) -> None:
    language = Language.of(tag)
    assert (language.tag, repr(language)) == (named, f"Language({named!r})")
    assert Language.of(language) is language


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        ("fr", "reports are written in en and es, not in 'fr'; make one of a catalogue"),
        ("spanish", "no language 'spanish'; did you mean es?"),
        ("xx", "no language 'xx'"),
        ("es-ZZ", "'es-ZZ' names no country that there is"),
        ("en-UK", "did you mean GB?"),
        ("", "'' is no tag of a language"),
        ("es-MX-x-mine", "is no tag of a language"),
        ("e" * 5_000, "is no tag of a language"),
        ("../es", "is no tag of a language"),
    ],
)
def test_an_unknown_language_or_country_is_refused(tag: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Language.of(tag)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_message_goes_with_its_number() -> None:
    one, many = "{count} report", "{count} reports"
    said = [ES.say_count(count, one, many) for count in (0, 1, 2, 1_000_000)]
    assert said == ["0 informes", "1 informe", "2 informes", "1,000,000 informes"]
    assert ENGLISH.say_count(1, "{count} {what}", "{count} {what}s", what="dog") == "1 dog"
    assert ENGLISH.say_count(2, "{count} {what}", "{count} {what}s", what="dog") == "2 dogs"


# -- figures ---------------------------------------------------------------------------------------

AT = datetime(2026, 11, 3, 14, 5, tzinfo=timezone(timedelta(hours=-6), "CST"))
DOLLARS = Decimal("1234.5")


@pytest.mark.parametrize(
    ("tag", "number", "money", "pesos", "moment"),
    [
        ("en", "1,234.50", "1,235 USD", "1,234.50 MXN", "2026-11-03 14:05 CST"),
        ("en-US", "1,234.50", "$1,235", "MX$1,234.50", "Nov 3, 2026, 2:05 PM CST"),
        ("en-GB", "1,234.50", "US$1,235", "MX$1,234.50", "3 Nov 2026, 14:05 CST"),
        ("es", "1,234.50", "$1,235", "MXN 1,234.50", "3 nov 2026, 2:05 p.m. CST"),
        ("es-US", "1,234.50", "$1,235", "MXN 1,234.50", "3 nov 2026, 2:05 p.m. CST"),
        ("es-MX", "1,234.50", "USD 1,235", "$1,234.50", "3 nov 2026, 2:05 p.m. CST"),
        ("es-ES", "1.234,50", "1.235 US$", "1.234,50 MXN", "3 nov 2026, 14:05 CST"),
        ("es-KZ", "1,234.50", "$1,235", "MXN 1,234.50", "3 nov 2026, 2:05 p.m. CST"),
    ],
)
def test_figures_are_those_of_the_region(
    tag: str, number: str, money: str, pesos: str, moment: str
) -> None:
    language = Language.of(tag)
    written = (
        language.format_number(DOLLARS, 2),
        language.format_money(DOLLARS, "USD"),
        language.format_money(DOLLARS, "MXN", 2),
        language.format_moment(AT),
    )
    assert "\u202f" not in "".join(written)
    assert tuple(one.replace("\u00a0", " ") for one in written) == (number, money, pesos, moment)


@pytest.mark.parametrize("tag", ["en", "en-US", "es", "es-MX", "es-ES"])
@given(
    amount=st.decimals(0, 10**15, places=4),
    digits=st.integers(0, 3),
)
def test_money_is_rounded_as_cost_books_round_it(tag: str, amount: Decimal, digits: int) -> None:
    book = CostBook.default().model_copy(update={"minor_digits": digits})
    written = re.sub(r"[^\d.,]", "", Language.of(tag).format_money(amount, "USD", digits))
    if tag == "es-ES":
        written = written.translate(str.maketrans(".,", ",."))
    assert Decimal(written.replace(",", "")) == book.round_amount(amount)


def test_halves_go_up_and_odd_figures_raise_nothing() -> None:
    for tag in ("en", "en-US"):
        language = Language.of(tag)
        assert [language.format_number(Decimal(one)) for one in ("0.5", "1.5", "2.5")] == [
            "1",
            "2",
            "3",
        ]
        assert language.format_number(2.675, 2) == "2.68"
        assert language.format_number(float("inf")) == "Infinity"
        assert len(language.format_number(1e300)) == 401
    assert ENGLISH.format_moment(None) == ""
    assert ENGLISH.format_moment(datetime(2026, 1, 2, 3, 4)) == "2026-01-02 03:04"


def test_without_babel_figures_are_plain_and_words_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    from inspectiq.reports import _language

    monkeypatch.setitem(__import__("sys").modules, "babel", None)
    _language._make_shipped.cache_clear()
    try:
        language = Language.of("es-ES")
        assert language.format_number(DOLLARS, 2) == "1,234.50"
        assert language.format_money(DOLLARS, "EUR", 2) == "1,234.50 EUR"
        assert language.format_moment(AT) == "2026-11-03 14:05 CST"
        assert language.say("Findings") == "Hallazgos"
    finally:
        _language._make_shipped.cache_clear()


def test_figures_within_a_text_are_written_as_the_region_does() -> None:
    note = "the stated hours were refused, not within 0 to 1,250: 2.5 are used"
    assert Language.of("es-ES").translate(note).endswith("entre 0 y 1.250: se usan 2,5")


# -- catalogues of a host's own --------------------------------------------------------------------

FRENCH = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Findings"
msgstr "Constatations"

msgid "Labour, {trade}"
msgstr "Main-d'œuvre, {trade}"

msgid "plumber"
msgstr "plombier"
"""


@pytest.fixture
def french(tmp_path: Path) -> Path:
    path = tmp_path / "fr.po"
    path.write_text(FRENCH, encoding="utf-8")
    return path


def test_a_language_of_your_own_is_loaded_as_people_write_it(french: Path) -> None:
    language = Language.load("fr-CA", french)
    assert (language.tag, language.say("Findings")) == ("fr-CA", "Constatations")
    assert language.translate("Labour, plumber") == "Main-d'œuvre, plombier"
    assert language.format_number(DOLLARS, 2).replace("\u00a0", " ") == "1 234,50"
    assert language.translate("Torn or burnt carpet") == "Torn or burned carpet"  # else English


def test_your_own_messages_lie_over_those_that_ship(tmp_path: Path) -> None:
    path = tmp_path / "ours.po"
    path.write_text('msgid "Green pool"\nmsgstr "Alberca verde"\n', encoding="utf-8")
    language = Language.load("es-MX", path)
    assert language.translate("Green pool") == "Alberca verde"
    assert language.translate("Blocked drain") == "Desagüe tapado"


def test_a_compiled_catalogue_needs_no_babel(
    french: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = tmp_path / "fr.mo"
    with french.open("rb") as source, compiled.open("wb") as target:
        write_mo(target, read_po(source))
    for name in ("babel", "babel.messages", "babel.messages.mofile", "babel.messages.pofile"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    assert Language.load("fr", compiled).say("Findings") == "Constatations"
    with pytest.raises(ConfigError, match=r"pip install 'inspectiq\[i18n\]'"):
        Language.load("fr", french)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (
            "x.po",
            b'msgid "{count} hours"\nmsgstr "{cuenta} horas"\n',
            "line 1: '{cuenta} horas' has",
        ),
        ("x.po", b'msgid "{count} hours"\nmsgstr "{count horas"\n', "write the same ones"),
        ("x.po", b"no catalogue at all", "no catalogue of gettext"),
        ("x.po", b'msgid "a"\nmsgstr "\xff"\n', "no catalogue of gettext"),
        ("x.mo", b"", "no compiled catalogue"),
        ("x.mo", b"\xde\x12\x04\x95\xff", "no compiled catalogue"),
        ("x.mo", b"\xde\x12\x04\x95" + b"\xff" * 40, "no compiled catalogue"),
        ("x.txt", b"", "a .po or a .mo file"),
    ],
)
def test_a_catalogue_that_is_wrong_is_refused(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        Language.load("fr", path)
    assert told in str(caught.value)


def test_a_catalogue_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Language.load("fr", tmp_path / "none.po")


def test_a_message_whose_parts_are_wrong_is_said_in_english() -> None:
    class Wrong(NullTranslations):
        def gettext(self, message: str) -> str:
            return "{oops} " + message

    language = Language("fr", Wrong())
    assert language.say("Page {page}", page=3) == "Page 3"
    assert language.say("Findings") == "{oops} Findings"


def test_the_head_of_a_catalogue_is_never_said() -> None:
    assert (ES.say(""), ES.translate("")) == ("", "")
    assert isinstance(ES._messages, GNUTranslations)
