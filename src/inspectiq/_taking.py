"""Takes what callers give where one of our objects is wanted: it, a name that ships, or a path."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn, TypeVar

from inspectiq.errors import ConfigError

__all__ = [
    "choose",
    "name_kind",
    "quote",
    "refuse",
    "require",
    "require_all",
    "require_clock",
    "require_day",
    "require_function",
    "require_moment",
    "require_number",
    "take",
]

T = TypeVar("T")
FunctionT = TypeVar("FunctionT", bound=Callable[..., object])
NumberT = TypeVar("NumberT", bound=float)


def take(
    given: object,
    form: type[T],
    argument: str,
    *,
    read_file: Callable[[Path], T],
    files: Sequence[str],
    make_named: Callable[[str], T] | None = None,
    names: Sequence[str] = (),
    called: str = "",
) -> T:
    """Takes an object, makes the one that ships by that name, or reads the one in a file.

    A text that ends as a file does, or that has a folder in it, is a path.

    Args:
        given: What the caller gave.
        form: The class that is wanted.
        argument: What it was given for; for the message.
        read_file: Reads one from a file.
        files: How the names of such files end.
        make_named: Makes the one of a name.
        names: The names.
        called: What the object is called in the message; the name of its class if not given.

    Raises:
        ConfigError: It is nothing of these; with the choices.
    """
    if isinstance(given, form):
        return given
    if isinstance(given, os.PathLike):
        given = Path(given)
    elif isinstance(given, str):
        if make_named is not None and given in names:
            return make_named(given)
        named_file = Path(given).suffix.lower() in files or any(sep in given for sep in "/\\")
        if named_file or os.path.isfile(given):  # noqa: PTH113 - any text, also a long one
            given = Path(given)
    ending = f"a path that ends in {_join(files)}"
    if isinstance(given, Path):
        if given.suffix.lower() not in files:
            named = given if len(str(given)) < 80 else quote(str(given))
            raise ConfigError(f"{argument}: {named} is read by no reader; give {ending}")
        return read_file(given)
    named = f"{'one of ' * (len(names) > 1)}{', '.join(map(repr, names))}, " if names else ""
    called = called or form.__name__
    article = "an" if called[0] in "AEIOU" else "a"
    choices = f"give {article} {called}, {named}or {ending}"
    if isinstance(given, str):
        close = get_close_matches(given.strip().lower(), names, n=1)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        raise ConfigError(f"{argument}: there is no {quote(given)}{meant}; {choices}")
    return refuse(given, argument, choices)


def refuse(given: object, argument: str, choices: str) -> NoReturn:
    """Raises the error for a value of a wrong kind.

    Args:
        given: The value; its kind is told, and nothing else of it.
        argument: What it was given for.
        choices: What to give instead, such as `give a whole number from 1`.

    Raises:
        ConfigError: Always.
    """
    raise ConfigError(f"{argument}: {name_kind(given)} was given; {choices}")


def require(value: object, kinds: type | tuple[type, ...], argument: str, choices: str) -> None:
    """Makes sure that a value is of one of some kinds.

    Raises:
        ConfigError: It is not.
    """
    if not isinstance(value, kinds):
        refuse(value, argument, choices)


def require_all(values: Iterable[T], argument: str, choices: str) -> tuple[T, ...]:
    """Makes sure that several values were given, and returns them; one text is not several.

    Raises:
        ConfigError: They are none that can be gone through.
    """
    given: object = values
    if isinstance(given, str | bytes | type) or not isinstance(given, Iterable):
        refuse(given, argument, choices)
    return tuple(values)


def require_number(
    value: NumberT,
    argument: str,
    *,
    least: float | None = None,
    above: float | None = None,
    whole: bool = False,
) -> NumberT:
    """Makes sure that a value is a number within bounds, and neither NaN nor infinity; returns it.

    Raises:
        ConfigError: It is not.
    """
    given: object = value
    kinds = (int,) if whole else (int, float)
    kind = "a whole number" if whole else "a number"
    bound = f" from {least:g}" if least is not None else ""
    bound += f" above {above:g}" if above is not None else ""
    if isinstance(given, bool) or not isinstance(given, kinds):
        refuse(given, argument, f"give {kind}{bound}")
    within = (least is None or value >= least) and (above is None or value > above)
    if not math.isfinite(value) or not within:
        raise ConfigError(f"{argument} is {value}; give {kind}{bound}")
    return value


def require_day(value: object, argument: str) -> None:
    """Makes sure that a value is a day without a time.

    Raises:
        ConfigError: It is not.
    """
    if not isinstance(value, date) or isinstance(value, datetime):
        refuse(value, argument, "give a day without a time, such as datetime.date(2026, 3, 2)")


def require_function(given: FunctionT, argument: str, choices: str) -> FunctionT:
    """Makes sure that a value can be called, and is no class; returns it.

    Raises:
        ConfigError: It is not.
    """
    if isinstance(given, type) or not callable(given):
        refuse(given, argument, choices)
    return given


def require_moment(value: object, argument: str) -> None:
    """Makes sure that a value is a point in time, with its time zone.

    Raises:
        ConfigError: It is not.
    """
    if not isinstance(value, datetime) or value.tzinfo is None:
        naive = "a time without a time zone" if isinstance(value, datetime) else name_kind(value)
        raise ConfigError(
            f"{argument}: {naive} was given; give a datetime with one, such as "
            "datetime.now(datetime.UTC)"
        )


def require_clock(clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """Makes sure that a function tells points in time, by asking it once; returns it.

    Raises:
        ConfigError: It is none, or its time has no time zone.
    """
    if not callable(clock):
        refuse(clock, "clock", "give a function that returns a datetime with a time zone")
    require_moment(clock(), "clock")
    return clock


def choose(given: T | None, form: type[T], argument: str) -> T:
    """Chooses what is given, else one as it comes.

    Raises:
        ConfigError: What is given is of another kind.
    """
    if given is None:
        return form()
    require(given, form, argument, f"give {form.__name__}(...)")
    return given


def name_kind(value: object) -> str:
    """Names the kind of a value, and shows nothing of it."""
    if value is None:
        return "None"
    name = value.__name__ if isinstance(value, type) else type(value).__name__
    kind = f"{'an' if name[0].lower() in 'aeio' else 'a'} {name}"
    return f"the class {name}" if isinstance(value, type) else kind


def quote(value: object, most: int = 80) -> str:
    """Quotes a value for a message, cut off where it is longer than that many characters."""
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 2]}…{text[-1]}"


def _join(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
