"""Screens somebody's words for emergencies, and says what to do now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path
from types import NoneType
from typing import Annotated, Any

from pydantic import Field, model_validator

from inspectiq._files import to_path
from inspectiq._taking import require, take
from inspectiq._tracebacks import hide_locals
from inspectiq._values import FrozenMap, Value, hash_content
from inspectiq._words import Word, WordSpan, tokenize
from inspectiq.domain._emergencies import Emergency, Screening
from inspectiq.screening._files import merge_tables
from inspectiq.screening._reader import FoundEmergency, LanguageReader
from inspectiq.screening._recognising import assign_sentences, recognize_language
from inspectiq.screening._rules import EmergencyKind, EmergencyNumber, EmergencyWords, Language

__all__ = ["EmergencyScreen", "screen", "take_screen"]

SHIPPED = ("screen.toml", "emergency_numbers.toml", "languages/en.toml", "languages/es.toml")
PHRASES_ALONE = "{} is screened by phrases alone, and none of them stands in the words"


class EmergencyScreen(Value):
    """Looks in somebody's words for emergencies: offline, without a model, always with one result.

        screen = EmergencyScreen.default()
        found = screen.screen("I smell gas in the kitchen", country="US")
        found.status, found.emergencies[0].instructions

    It only ever raises. Where it is in doubt it tells of an emergency; and words that it does not
    understand are `not_screened`, never `clear`.

    Attributes:
        name: Results record it.
        version: Results record it.
        acts: Acts that are dangerous in some kind of emergency, by key, in plain words.
        kinds: The kinds of emergency, by key.
        numbers: The emergency number of each country, by ISO 3166 alpha-2 code.
        languages: What it knows of each language, by its code, such as `en`.
    """

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    acts: FrozenMap[str] = FrozenMap()
    kinds: FrozenMap[EmergencyKind]
    numbers: FrozenMap[EmergencyNumber] = FrozenMap()
    languages: FrozenMap[Language]

    @model_validator(mode="after")
    def _check_references(self) -> EmergencyScreen:
        if not self.languages:
            raise ValueError("a screen needs a language; write one")
        for key, language in self.languages.items():
            for kind in language.kinds:
                if kind not in self.kinds:
                    raise ValueError(f"{kind!r} of the language {key!r} has no rank; write one")
        for act in self._list_named_acts():
            if act not in self.acts:
                raise ValueError(f"there is no act {act!r}; use one of {', '.join(self.acts)}")
        return self

    def _list_named_acts(self) -> Iterable[str]:
        """Lists every act that a kind forbids or an instruction asks for."""
        for kind in self.kinds.values():
            yield from kind.forbids
        for language in self.languages.values():
            for words in language.kinds.values():
                for instruction in words.instructions:
                    yield from instruction.asks

    @classmethod
    def default(cls) -> EmergencyScreen:
        """Returns the screen that ships with inspectiq: English and Spanish."""
        return _load_default()

    @classmethod
    def from_file(
        cls, path: str | Path, *, over: EmergencyScreen | Path | str | None = None
    ) -> EmergencyScreen:
        """Reads a screen from a TOML file, written as `inspectiq/screening/languages/en.toml` is.

        The file is laid over another screen: a language, a kind or a number that is new is added.
        Of those that exist, lists of words and phrases are added to, all else is replaced.

        Args:
            path: The file.
            over: The screen that it is laid over; the shipped one if not given.

        Raises:
            ConfigError: The file cannot be read or is wrong. It names the first place that is; its
                `__cause__`, a `ValidationError`, has them all.
        """
        under = _load_default() if over is None else take_screen(over, "over")
        fields = {name: getattr(under, name) for name in cls.model_fields}
        return cls.model_validate(merge_tables(to_path(path, "emergency screen"), fields))

    @hide_locals
    def screen(
        self,
        text: str,
        *,
        language: str | None = None,
        country: str | None = None,
        reply_in: str | None = None,
    ) -> Screening:
        """Screens somebody's words. They are read in all languages, whichever is given.

        Args:
            text: The words.
            language: BCP 47 tag of their language, such as `es-MX`; recognised if not given.
            country: ISO 3166 alpha-2 code of the property's country. Only with it do instructions
                name a number to call.
            reply_in: BCP 47 tag of the language of labels and instructions; the one that the words
                were found in if not given or not known.
        """
        require(text, str, "text", "give the words as text")
        for name, tag in (("language", language), ("country", country), ("reply_in", reply_in)):
            require(tag, (str, NoneType), name, "give its tag or code, such as 'es-MX' or 'US'")
        words = tokenize(text)
        declared = self._find_language(language)
        known = [reader.measure_share for reader in self._readers]
        found = self._find_in_all(words, assign_sentences(words, known))
        read = recognize_language(words, known, declared)
        reason = "" if found else read.reason or self._find_gap(language, read.language)
        first = read.language if declared is None else declared
        emergencies = self._build_emergencies(
            text, words, found, first, self._find_language(reply_in), country
        )
        return Screening(
            status="emergency" if found else "not_screened" if reason else "clear",
            emergencies=emergencies,
            language=None if read.language is None else [*self.languages][read.language],
            reason=reason,
            screen=self._title,
            screen_sha256=self.sha256,
        )

    def _find_in_all(
        self, words: Sequence[Word], sentences: Sequence[Sequence[WordSpan]]
    ) -> list[tuple[int, FoundEmergency]]:
        """Finds emergencies by every language, each after the place of the language.

        Args:
            words: What is screened.
            sentences: The sentences that are in each language.
        """
        return [
            (at, one)
            for at, reader in enumerate(self._readers)
            for one in reader.find_emergencies(words, sentences[at])
        ]

    def _find_gap(self, declared: str | None, read_in: int | None) -> str:
        """Finds why words in which nothing was found are still not clear; "" if they are.

        Args:
            declared: Tag of the language that was given.
            read_in: Place of the language that the words were recognised to be in.
        """
        if declared and declared.strip() and self._find_language(declared) is None:
            return f"the screen {self._title} does not know the language {declared!r}"
        at = read_in or 0
        if not self._readers[at].weights:
            return PHRASES_ALONE.format([*self.languages.values()][at].name)
        return ""

    @cached_property
    def sha256(self) -> str:
        """Content hash; results record it."""
        return hash_content(self)

    @cached_property
    def _title(self) -> str:
        return f"{self.name} {self.version}"

    @cached_property
    def _readers(self) -> tuple[LanguageReader, ...]:
        return tuple(map(LanguageReader, self.languages.values()))

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        kept = {name: state["__dict__"][name] for name in type(self).model_fields}
        return {**state, "__dict__": kept}

    def _find_language(self, tag: str | None) -> int | None:
        """Finds a language by its tag: its position among the known ones; None if it is none."""
        key = (tag or "").replace("_", "-").partition("-")[0].strip().lower()
        return [*self.languages].index(key) if key in self.languages else None

    def _build_emergencies(
        self,
        text: str,
        words: Sequence[Word],
        found: Iterable[tuple[int, FoundEmergency]],
        read_in: int | None,
        reply_in: int | None,
        country: str | None,
    ) -> tuple[Emergency, ...]:
        """Builds one for each kind, the most pressing first; their instructions fit together.

        Args:
            text: What was screened.
            words: Its words.
            found: What was found, each after the position of its language.
            read_in: Place of the language that the text is in, if it is known.
            reply_in: Place of the language of labels and instructions, if one was asked for.
            country: Of the property.
        """
        best = _choose_best(found, read_in)
        forbidden = frozenset(act for kind in best for act in self.kinds[kind].forbids)
        made = []
        for kind in sorted(best, key=lambda kind: (self.kinds[kind].rank, kind)):
            at, one = best[kind]
            language, told = self._choose_words(kind, at, at if reply_in is None else reply_in)
            made.append(
                Emergency(
                    kind=kind,
                    label=told.label,
                    words=_cut_excerpt(text, words, one.span),
                    because=tuple(_cut_excerpt(text, words, span) for span in one.because),
                    language=[*self.languages][at],
                    instructions=_write_instructions(
                        told, forbidden, self._choose_number(country, language)
                    ),
                )
            )
        return tuple(made)

    def _choose_number(self, country: str | None, language: Language) -> str:
        """Chooses the number to call; the language's own words where the country has none."""
        known = self.numbers.get(country.strip().upper()) if country else None
        return known.number if known else language.emergency_number

    def _choose_words(
        self, kind: str, found_in: int, reply_in: int
    ) -> tuple[Language, EmergencyWords]:
        """Chooses the words of a kind, in the reply's language or else the one it was found in."""
        languages = [*self.languages.values()]
        asked = languages[reply_in]
        language = asked if kind in asked.kinds else languages[found_in]
        return language, language.kinds[kind]


@hide_locals
def screen(
    text: str,
    *,
    language: str | None = None,
    country: str | None = None,
    reply_in: str | None = None,
) -> Screening:
    """Screens somebody's words for emergencies with the screen that ships with inspectiq.

        screen("I smell gas in the kitchen", country="US").status

    Args:
        text: The words.
        language: BCP 47 tag of their language, such as `es-MX`; recognised if not given.
        country: ISO 3166 alpha-2 code; only with it do instructions name a number to call.
        reply_in: BCP 47 tag of the language of labels and instructions.
    """
    return _load_default().screen(text, language=language, country=country, reply_in=reply_in)


def _choose_best(
    found: Iterable[tuple[int, FoundEmergency]], read_in: int | None
) -> dict[str, tuple[int, FoundEmergency]]:
    """Chooses the first of each kind, rather of the language that the text is in."""
    best: dict[str, tuple[int, FoundEmergency]] = {}
    for at, one in sorted(found, key=lambda found: (found[0] != read_in, found[0])):
        best.setdefault(one.kind, (at, one))
    return best


def _write_instructions(
    told: EmergencyWords, forbidden: AbstractSet[str], number: str
) -> tuple[str, ...]:
    """Writes what to do in an emergency, without forbidden acts, with the number to call."""
    lines = (instruction.choose_text(forbidden) for instruction in told.instructions)
    return tuple(line.replace("{number}", number) for line in lines if line)


def _cut_excerpt(text: str, words: Sequence[Word], span: WordSpan) -> str:
    """Cuts a stretch of words out of the text they are from, as it was written."""
    return text[words[span.first].start : words[span.last - 1].end]


@cache
def _load_default() -> EmergencyScreen:
    """Reads the screen that ships with inspectiq, once."""
    fields: dict[str, Any] = {}
    for name in SHIPPED:
        with as_file(files("inspectiq.screening").joinpath(name)) as path:
            fields = merge_tables(path, fields)
    return EmergencyScreen.model_validate(fields)


def take_screen(
    given: EmergencyScreen | Path | str, argument: str = "emergency_screen"
) -> EmergencyScreen:
    """Takes a screen, or the path of a file over the shipped one.

    Raises:
        ConfigError: It is neither.
    """
    return take(
        given, EmergencyScreen, argument, read_file=EmergencyScreen.from_file, files=(".toml",)
    )
