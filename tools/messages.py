"""Keeps the catalogues of messages that reports are written in: `reports/languages/*.po`.

    python tools/messages.py          # updates and compiles the catalogues, tells what is missing
    python tools/messages.py --check  # changes nothing, and ends with 1 if something is missing

Messages are what renderers and templates give to `say`, and what code writes into results: the
texts of `stored.toml` and `faults.toml`, labels and sentences of the taxonomy, the severity
profiles, the cost book, the useful lives and the emergency screen, and keys as words. Spanish of
the emergency screen comes from the screen itself. `messages_ahead.txt`, where there is one, lists
messages that code is about to say.
"""

import io
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from inspectiq.costs._book import CostBook
from inspectiq.costs._useful_lives import UsefulLives
from inspectiq.costs._work import UNITS
from inspectiq.domain._diagnoses import Problem, WordsOutcome
from inspectiq.domain._findings import Issue
from inspectiq.domain._results import PhotoStatus, Status
from inspectiq.domain._reviews import Decision
from inspectiq.domain._taxonomy import CodeCategory, Condition, System, Taxonomy
from inspectiq.reports._catalogues import list_parts
from inspectiq.reports._fault_words import load_fault_words
from inspectiq.reports._stored_texts import load_stored
from inspectiq.screening._emergencies import EmergencyScreen
from inspectiq.severity._deadlines import Clock
from inspectiq.severity._profile import SeverityProfile
from inspectiq.severity._profile_files import PROFILES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "inspectiq"
REPORTS = PACKAGE / "reports"
FOLDER = REPORTS / "languages"
AHEAD = Path(__file__).with_name("messages_ahead.txt")
WHOLE = ("es",)
"""Catalogues that must have every message; others have those that differ."""
WHEN = datetime(2026, 11, 30, tzinfo=UTC)  # a fixed moment, so that nothing changes by itself
SAID: Any = {"say": None, "say_count": (2, 3)}

Message = str | tuple[str, str]


def list_messages() -> dict[Message, list[str]]:
    """Lists all messages in order, each with the files that it comes from."""
    found: dict[Message, list[str]] = {}
    for file, message in (*_list_said(), *_list_stored(), *_list_data(), *_list_ahead()):
        if message and file not in found.setdefault(message, []):
            found[message].append(file)
    singular = {message[0]: message for message in found if isinstance(message, tuple)}
    for one, both in singular.items():  # a catalogue has one message of an English text
        if one in found:
            found[both] += [file for file in found.pop(one) if file not in found[both]]
    return found


def _list_said() -> Iterator[tuple[str, Message]]:
    for path in sorted(REPORTS.glob("*.py")):
        for _, message, *_ in extract("python", io.BytesIO(path.read_bytes()), SAID):
            yield f"reports/{path.name}", _take(message)
    for path in sorted((REPORTS / "templates").glob("*.html")):
        from jinja2.ext import babel_extract

        for _, _, said, _ in babel_extract(io.BytesIO(path.read_bytes()), SAID, (), {}):
            chosen = said[-2:] if isinstance(said, tuple) else said
            yield f"reports/templates/{path.name}", _take(chosen)


def _take(message: Any) -> Message:
    if isinstance(message, tuple | list):
        one, many = message
        return one, many
    return str(message)


def _list_stored() -> Iterator[tuple[str, str]]:
    for file, texts in load_stored().items():
        for text in texts:
            yield file, text
    for sentences in load_fault_words().values():
        for sentence in sentences.values():
            yield "reports/languages/faults.toml", sentence


def _list_data() -> Iterator[tuple[str, str]]:
    for texts, file in (
        (_list_of_taxonomy(Taxonomy.default()), "domain/taxonomy.toml"),
        (_list_of_profiles(), "severity/profiles"),
        (_list_of_book(CostBook.default()), "costs/us"),
        (_list_of_lives(UsefulLives.default()), "costs/us/lives.toml"),
        (list_screen_words("en"), "screening/languages/en.toml"),
        (_list_of_keys(), "domain"),
    ):
        for text in texts:
            yield file, text


def _list_of_taxonomy(taxonomy: Taxonomy) -> Iterator[str]:
    yield from taxonomy.groups.values()
    for kind in taxonomy.types:
        yield from (kind.label, kind.action, kind.safety)
        yield _write_words(kind.trade)
    yield from taxonomy.facts.values()


def _list_of_profiles() -> Iterator[str]:
    for profile in map(SeverityProfile.named, PROFILES):
        yield profile.source
        for level in profile.levels:
            yield from (level.label, _write_words(level.key))
            for limit in level.deadlines:
                yield from (limit.action, limit.source)
        for name, number in profile.thresholds.items():
            yield from (_write_words(name), number.source)
        for rule in profile.rules:
            yield from (_write_words(rule.id), rule.source)
        yield from map(_write_words, (*profile.caps, *profile.floors))
        yield from profile.proposals  # the words that an engine proposes
    yield from map(_write_words, get_args(Clock))


def _list_of_book(book: CostBook) -> Iterator[str]:
    for item in book.items.values():
        for work in filter(None, (item, item.wear)):
            yield from (material.label for material in work.materials)
    yield from map(_write_words, book.trades)
    sources = (book.wages.source, book.parity.source, book.spread.source, book.burden.source)
    yield from (book.get_source(source).name for source in sources)
    yield from (_write_words(unit) for units in UNITS.values() for unit in units)


def _list_of_lives(lives: UsefulLives) -> Iterator[str]:
    yield from (listed.what for listed in lives.listed.values())
    yield lives.list_source.name
    yield from (life.source.name for life in lives.lives.values())


def list_screen_words(language: str) -> Iterator[str]:
    """Lists what the emergency screen says in a language, in the same order for each."""
    screen = EmergencyScreen.default()
    words = screen.languages[language]
    yield words.emergency_number
    for kind in screen.kinds:
        told = words.kinds[kind]
        yield told.label
        for instruction in told.instructions:
            yield from (instruction.say, instruction.instead or "")


def _list_of_keys() -> Iterator[str]:
    words_statuses = get_args(WordsOutcome.model_fields["status"].annotation)
    codes = (Condition, System, CodeCategory, Status, PhotoStatus, Decision)
    yield from (_write_words(key) for code in codes for key in get_args(code))
    yield from words_statuses
    yield from map(_write_words, EmergencyScreen.default().kinds)
    fixed = {"id", "observed", "evidence", "review", "reviews"}
    fields = dict.fromkeys((*Issue.model_fields, *Problem.model_fields))
    yield from (_write_words(name) for name in fields if name not in fixed)


def _write_words(key: str) -> str:
    return key.replace("_", " ")


def _list_ahead() -> Iterator[tuple[str, Message]]:
    lines = AHEAD.read_text(encoding="utf-8").splitlines() if AHEAD.exists() else []
    for line in lines:
        one, many, *_ = (*line.split(" | "), "")
        if line and not line.startswith("#"):
            yield AHEAD.name, (one, many) if many else one


def make_catalogue(path: Path, messages: dict[Message, list[str]]) -> Catalog:
    """Makes a catalogue of all messages, with what the file at a path has for them."""
    before = read_po(io.BytesIO(path.read_bytes()), locale=path.stem)
    catalog = Catalog(
        locale=path.stem,
        project="inspectiq",
        version="reports",
        msgid_bugs_address="the maintainers of inspectiq",
        header_comment=before.header_comment,
        creation_date=WHEN,
        revision_date=WHEN,
        last_translator="The inspectiq developers",
        language_team=path.stem,
        fuzzy=False,
    )
    given = dict(zip(list_screen_words("en"), list_screen_words("es"), strict=True))
    for message, files in messages.items():
        known = before.get(message if isinstance(message, str) else message[0])
        said = known.string if known else ""
        if path.stem == "es" and isinstance(message, str) and given.get(message):
            said = given[message]
        if said and isinstance(said, tuple | list) != isinstance(message, tuple):
            said = ""  # it has become a count, or is none any more
        if path.stem in WHOLE or (said and any(said)):
            comments = known.user_comments if known else ()
            catalog.add(message, said, [(file, 0) for file in files], user_comments=comments)
    return catalog


def read_compiled(path: Path) -> Catalog:
    """Reads a compiled catalogue; an empty one where there is none."""
    return read_mo(io.BytesIO(path.read_bytes())) if path.exists() else Catalog()


def find_faults(catalog: Catalog) -> Iterator[str]:
    """Finds messages that are missing, or whose parts differ from those of the English one."""
    for message in catalog:
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        source = message.id[-1] if isinstance(message.id, tuple | list) else message.id
        if not all(forms):
            yield f"{catalog.locale_identifier}: nothing for {source!r}"
        elif any(list_parts(form) != list_parts(source) for form in filter(None, forms)):
            yield f"{catalog.locale_identifier}: other parts for {source!r}"


def list_content(catalog: Catalog) -> dict[Any, Any]:
    """Lists what a catalogue says for each message, whichever Babel wrote it."""
    return {_freeze(message.id): _freeze(message.string) for message in catalog if message.id}


def _freeze(text: Any) -> Any:
    return tuple(text) if isinstance(text, list) else text


def check_files(path: Path, catalog: Catalog) -> Iterator[str]:
    """Checks that a `.po` has the messages that there are, and that its `.mo` says the same."""
    source = read_po(io.BytesIO(path.read_bytes()), locale=path.stem)
    for name, there in (
        (path.name, source),
        (f"{path.stem}.mo", read_compiled(path.with_suffix(".mo"))),
    ):
        if list_content(there) != list_content(catalog):
            yield f"{name} is not as it would be written; run tools/messages.py"


def write_files(path: Path, catalog: Catalog) -> None:
    """Writes a catalogue as a `.po`, and as the `.mo` that it is compiled to."""
    with path.open("wb") as source:
        write_po(source, catalog, width=100, include_lineno=False)
    with path.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, catalog)


def main(arguments: Sequence[str]) -> int:
    """Updates or checks the catalogues, and prints what is wrong."""
    messages = list_messages()
    wrong: list[str] = []
    for path in sorted(FOLDER.glob("*.po")):
        catalog = make_catalogue(path, messages)
        wrong += find_faults(catalog)
        if "--check" in arguments:
            wrong += check_files(path, catalog)
        else:
            write_files(path, catalog)
    print(*wrong, sep="\n", end="\n" * bool(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
