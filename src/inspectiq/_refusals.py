"""Words what pydantic refused, so that wrong values raise a `ConfigError` and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from inspectiq._taking import name_kind
from inspectiq.errors import ConfigError

__all__ = [
    "RefusingModel",
    "explain_refusal",
    "is_of_value",
    "make_wrong_value",
    "read_as",
    "validate_raw",
    "word_fault",
    "word_pattern",
]

ModelT = TypeVar("ModelT", bound=BaseModel)

_MARK = "_of_value"  # of an error; no class of its own, since users are shown the class
MOST_TOLD = 3
"""Faults that a message tells; of more it tells how many."""

_PATTERNS = {
    "^[A-Z]{3}$": "write the code of a currency, three capital letters, such as EUR",
    "^[A-Z]{2}$": "write the code of a country, two capital letters, such as DE",
    "^#[0-9a-f]{6}$": "write a colour as # and six of 0 to 9 and a to f, such as #c0392b",
    "^[0-9]{2,5}$": "write two to five digits, such as 112",
    "^[0-9a-f]{64}$": "write a sha256 in hex, 64 of 0 to 9 and a to f",
    "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$": "this is no language tag; "
    "give one such as 'en', 'de' or 'pt-BR'",
}
"""The patterns that fields of ours have, in words."""


def make_wrong_value(message: str) -> ConfigError:
    """Makes the error of a value type that was made of wrong values; see `is_of_value`."""
    error = ConfigError(message)
    vars(error)[_MARK] = True
    return error


def is_of_value(error: BaseException) -> bool:
    """Tells whether a value type was made of wrong values, which an engine may do in a run."""
    return _MARK in vars(error)


class _RefusingClass(type(BaseModel)):  # type: ignore[misc]
    # What pydantic makes inside of another value does not pass here: each fault keeps its place.
    def __call__(self, *values: Any, **fields: Any) -> Any:
        try:
            return super().__call__(*values, **fields)
        except ValidationError as error:
            refusal = _make_refusal(self, error)
        del values, fields  # an error that is raised holds nothing of what people wrote
        raise refusal


if TYPE_CHECKING:  # where fields are read as pydantic declares them
    _Refusing = BaseModel
else:

    class _Refusing(BaseModel, metaclass=_RefusingClass):
        pass


class RefusingModel(_Refusing):
    """Base of models that raise a `ConfigError` for wrong values, however they are made."""

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Makes one of a dict.

        Raises:
            ConfigError: It does not have the form, or a newer major version wrote it.
        """
        if isinstance(obj, Mapping) and not all(isinstance(name, str) for name in obj):
            raise make_wrong_value(f"{cls.__name__}: give its fields by name")
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            refusal = _make_refusal(cls, error)
        del obj
        raise refusal

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Makes one of JSON; of results and webhooks, fields that a newer version added are kept.

        Raises:
            ConfigError: It does not have the form, or a newer major version wrote it.
        """
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            refusal = _make_refusal(cls, error)
        del json_data
        raise refusal


def read_as(form: type[ModelT], raw: Any) -> ModelT:
    """Makes a value of raw fields, also where the class is a caller's own.

    Raises:
        ConfigError: It does not have the form, or the class is none that fields are read into.
    """
    given: object = form
    if not (isinstance(given, type) and issubclass(given, BaseModel)):
        raise ConfigError("model: give a class that is a pydantic BaseModel")
    try:
        return form.model_validate(raw)
    except ValidationError as error:
        refusal = _make_refusal(form, error)
    del raw
    raise refusal


def validate_raw(form: type[ModelT], raw: Any) -> ModelT:
    """Makes a value of what a file or an engine wrote, for those who tell its places themselves.

    Raises:
        pydantic.ValidationError: It does not have the form.
    """
    made: ModelT = form.__pydantic_validator__.validate_python(raw)
    return made


def _make_refusal(form: type[BaseModel], error: ValidationError) -> ConfigError:
    """Makes the error that tells what is wrong with a value, and what to write instead."""
    faults = error.errors(include_url=False)
    for fault in faults:
        own = fault.get("ctx", {}).get("error")
        if isinstance(own, ConfigError):  # it says all there is to say
            return own.with_traceback(None)
    told = "; ".join(explain_refusal(form, fault) for fault in faults[:MOST_TOLD])
    more = len(faults) - MOST_TOLD
    rest = f" ({more} more {'fields are' if more > 1 else 'field is'} wrong)" if more > 0 else ""
    return make_wrong_value(f"{form.__name__}: {told}{rest}")


def explain_refusal(
    form: type[BaseModel], fault: Mapping[str, Any], more_fields: Sequence[str] = ()
) -> str:
    """Says which field is wrong and how, and what to write instead; no value is shown.

    Args:
        form: The class that was made.
        fault: What pydantic says about it.
        more_fields: Names that may be given besides the fields of the class.
    """
    steps = map(str, fault["loc"])
    place = ".".join(step for step in steps if not step.startswith("function-"))  # pydantic's own
    return f"{f'{place}: ' if place else ''}{word_fault(form, fault, more_fields)}"


def word_fault(
    form: type[BaseModel], fault: Mapping[str, Any], more_fields: Sequence[str] = ()
) -> str:
    """Says what is wrong, as `explain_refusal` does, without the place."""
    steps = [str(step) for step in fault["loc"]]
    kind: str = fault["type"]
    message: str = fault["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        fields = [*_find_fields(form, steps[:-1]), *(more_fields if len(steps) == 1 else ())]
        close = get_close_matches(steps[-1], fields, n=1)
        choices = f"did you mean {close[0]}?" if close else f"there is {', '.join(fields)}"
        return f"there is no such field{'; ' + choices if fields else ''}"
    if kind == "missing":
        return "this is missing; give it"
    if kind in ("timezone_aware", "timezone_naive"):
        return "give it a time zone, such as tzinfo=datetime.UTC"
    if kind in ("value_error", "assertion_error"):
        return message
    if kind in ("model_type", "dataclass_type"):
        form_name = fault["ctx"]["class_name"]
        return (
            f"{name_kind(fault.get('input'))} was given; give a valid dictionary of its fields, "
            f"or {form_name}(...)"
        )
    if kind.startswith("datetime_"):
        return (
            f"{name_kind(fault.get('input'))} was given; give a datetime with a time zone, such "
            "as datetime.now(datetime.UTC)"
        )
    if kind == "string_too_long":
        most = fault["ctx"]["max_length"]
        return f"at most {most:,} characters are taken, and none is cut; make it shorter"
    if words := word_pattern(fault):
        return words
    lowered = message[:1].lower() + message[1:]
    if kind.endswith(("_type", "_parsing")) or kind == "is_instance_of":
        return f"{lowered}, and {name_kind(fault.get('input'))} was given"
    return lowered


def word_pattern(fault: Mapping[str, Any]) -> str | None:
    """Says in words which pattern a text does not have; None where it is another fault."""
    if fault["type"] != "string_pattern_mismatch":
        return None
    return _PATTERNS.get(fault["ctx"]["pattern"])


def _find_fields(form: type[BaseModel] | None, steps: Sequence[str]) -> list[str]:
    """Finds the names of the fields at a place; none where its class cannot be told."""
    for step in steps:
        if form is None:
            return []
        if step in form.model_fields:  # else it is a key or a number in what holds several
            form = _find_form(form.model_fields[step].annotation)
    return [*form.model_fields] if form else []


def _find_form(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_find_form, get_args(annotation))), None)
