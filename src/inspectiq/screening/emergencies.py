"""The screen: somebody's words in, what they tell of and what to do now out."""

from __future__ import annotations

from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from inspectiq.domain.base import FrozenMap, Value, content_hash
from inspectiq.domain.emergencies import Emergency, Screening
from inspectiq.screening.engine import Engine, Found
from inspectiq.screening.judging import weights_of
from inspectiq.screening.reading import laid_over
from inspectiq.screening.rules import EmergencyNumber, Language

__all__ = ["EmergencyScreen", "screen"]

KEPT = 100  # screenings that found nothing
SHIPPED = ("screen.toml", "emergency_numbers.toml", "languages/en.toml", "languages/es.toml")


class EmergencyScreen(Value):
    """Looks in somebody's words for emergencies: by rules only, offline, always with one result.

        screen = EmergencyScreen.default()
        found = screen.screen("I smell gas in the kitchen", country="US")
        found.status, found.emergencies[0].instructions

    It only ever raises. Where it is in doubt it tells of an emergency; and words that it does not
    understand are `not_screened`, never `clear`.

    Attributes:
        name, version: Results record them.
        hazards: Rank of each kind, the most pressing first: 1, 2, 3, …
        numbers: The emergency number of each country, by ISO 3166 alpha-2 code.
        languages: What it knows of each language, by its code, such as `en`.
    """

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    hazards: FrozenMap[int]
    numbers: FrozenMap[EmergencyNumber] = FrozenMap()
    languages: FrozenMap[Language]

    @model_validator(mode="after")
    def _ranked(self) -> EmergencyScreen:
        if not self.languages:
            raise ValueError("a screen needs a language; write one")
        for key, language in self.languages.items():
            for kind in language.hazards:
                if kind not in self.hazards:
                    raise ValueError(f"{kind!r} of the language {key!r} has no rank; write one")
        return self

    @classmethod
    def default(cls) -> EmergencyScreen:
        """The screen that ships with inspectiq: English and Spanish."""
        return _default()

    @classmethod
    def from_file(cls, path: str | Path, *, over: EmergencyScreen | None = None) -> EmergencyScreen:
        """A screen from a TOML file, which is written as `inspectiq/screening/languages/en.toml`.

        The file is laid over another screen: a language, a hazard or a number that is new is added.
        Of those that exist, words, concepts, cues and signs are added to, all else is replaced.

        Args:
            path: The file.
            over: What it is laid over; if not given, the shipped screen.

        Raises:
            ConfigError: The file cannot be read or is wrong. It names the first place that is; its
                `__cause__`, a `ValidationError`, has them all.
        """
        under = _default() if over is None else over
        fields = {name: getattr(under, name) for name in cls.model_fields}
        return cls.model_validate(laid_over(Path(path), fields))

    def screen(
        self,
        text: str,
        *,
        language: str | None = None,
        country: str | None = None,
        reply_in: str | None = None,
    ) -> Screening:
        """Screens somebody's words. The rules of all languages are run, whichever is given.

        Args:
            text: The words.
            language: BCP 47 tag of their language, such as `es-MX`; recognised if not given.
            country: ISO 3166 alpha-2 code of the property's country. Only with it do instructions
                name a number to call.
            reply_in: BCP 47 tag of the language of labels and instructions; the one of the rules
                that matched if not given or not known.
        """
        keys = self._keys
        declared = _place(language, keys)
        found, understood = self._engine.screen(text, declared)
        read_in = declared if declared is not None else understood.language
        read = None if understood.language is None else keys[understood.language]
        if not found:
            reason = understood.reason
            if not reason and language is not None and language.strip() and declared is None:
                reason = f"the screen {self._title} does not know the language {language!r}"
            return self._without(read, reason)
        return Screening(
            status="emergency",
            emergencies=self._emergencies(found, read_in, _place(reply_in, keys), country),
            language=read,
            screen=self._title,
            screen_sha256=self.sha256,
        )

    def _without(self, language: str | None, reason: str) -> Screening:
        """A screening that found nothing; there are few of these, so they are made once."""
        known = self._found_nothing
        if (language, reason) not in known:
            if len(known) > KEPT:
                known.clear()
            known[language, reason] = Screening(
                status="not_screened" if reason else "clear",
                language=language,
                reason=reason,
                screen=self._title,
                screen_sha256=self.sha256,
            )
        return known[language, reason]

    @cached_property
    def _found_nothing(self) -> dict[tuple[str | None, str], Screening]:
        return {}

    @cached_property
    def sha256(self) -> str:
        """Content hash; results record it."""
        return content_hash(self)

    @cached_property
    def _title(self) -> str:
        return f"{self.name} {self.version}"

    @cached_property
    def _keys(self) -> tuple[str, ...]:
        return tuple(self.languages)

    @cached_property
    def _engine(self) -> Engine:
        languages = tuple(self.languages.values())
        return Engine(languages, tuple(map(weights_of, languages)))

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        kept = {name: state["__dict__"][name] for name in type(self).model_fields}
        return {**state, "__dict__": kept}

    def _emergencies(
        self, found: list[Found], read_in: int | None, reply_in: int | None, country: str | None
    ) -> tuple[Emergency, ...]:
        """One for each hazard, the most pressing first."""
        best: dict[str, Found] = {}
        for one in sorted(found, key=lambda one: (one.language != read_in, one.language)):
            best.setdefault(one.kind, one)
        ordered = sorted(
            best.values(), key=lambda one: (self.hazards[one.kind], one.first, one.kind)
        )
        return tuple(
            self._emergency(one, one.language if reply_in is None else reply_in, country)
            for one in ordered
        )

    def _emergency(self, found: Found, reply_in: int, country: str | None) -> Emergency:
        own = self.languages[self._keys[found.language]]
        language = self.languages[self._keys[reply_in]]
        if found.kind not in language.hazards:
            language = own
        words = language.hazards[found.kind]
        known = self.numbers.get(country.strip().upper()) if country else None
        number = known.number if known else language.emergency_number
        return Emergency(
            kind=found.kind,
            label=words.label,
            words=found.words,
            language=self._keys[found.language],
            instructions=tuple(line.replace("{number}", number) for line in words.instructions),
        )


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
    return _default().screen(text, language=language, country=country, reply_in=reply_in)


def _place(tag: str | None, keys: tuple[str, ...]) -> int | None:
    """The place of a language among the known ones; None where it is not."""
    if not tag:
        return None
    key = tag.replace("_", "-").partition("-")[0].strip().lower()
    return keys.index(key) if key in keys else None


@cache
def _default() -> EmergencyScreen:
    fields: dict[str, Any] = {}
    for name in SHIPPED:
        with as_file(files("inspectiq.screening").joinpath(name)) as path:
            fields = laid_over(path, fields) if fields else _first(path)
    return EmergencyScreen.model_validate(fields)


def _first(path: Path) -> dict[str, Any]:
    from inspectiq._files import parsed, read_text

    return dict(parsed(read_text(path, "screen"), path, form="TOML"))
