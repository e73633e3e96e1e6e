"""Writes errors as JSON and makes them again, from JSON or a pickle."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, TypeVar

__all__ = ["read_error", "rebuild_error", "write_error"]

ErrorT = TypeVar("ErrorT", bound=Exception)
APART = {"error", "message", "args"}


def write_error(error: Exception) -> dict[str, Any]:
    """Writes an error as JSON values, without the result that it may carry."""
    fields = {name.removeprefix("_"): value for name, value in vars(error).items()}
    for own in ("result", "of_value"):
        fields.pop(own, None)
    return {"error": type(error).__name__, "message": str(error), **_to_plain(fields)}


def read_error(data: Mapping[str, Any], base: type[ErrorT]) -> ErrorT:
    """Makes the error that `write_error` wrote.

    Args:
        data: The JSON values that `write_error` wrote.
        base: The class to look below for the error's own, and to take where that is not known.
    """
    cls = _list_classes(base).get(data.get("error", ""), base)
    message = data.get("message", "")
    try:
        error = cls(message)
    except TypeError:  # a host's own, that wants more
        error = rebuild_error(cls, (message,), vars(base(message)))
    for name in filter(lambda name: isinstance(name, str), data.keys() - APART):
        if data[name] is not None and not name.startswith("_"):
            _set_field(error, name, data[name])
    return error


def rebuild_error(cls: type[ErrorT], args: tuple[Any, ...], state: Mapping[str, Any]) -> ErrorT:
    """Makes an error without calling its class, which may want arguments of its own."""
    error = Exception.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


def _set_field(error: Exception, name: str, value: Any) -> None:
    from inspectiq._usage import Usage

    if name == "usage":
        value = Usage.model_validate(value)
    elif name == "problems":
        name, value = "_problems", {int(number): text for number, text in value.items()}
    elif isinstance(getattr(error, name, None), Decimal):
        value = Decimal(value)
    setattr(error, name, value)


def _to_plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _to_plain(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return str(value)
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else value


def _list_classes(base: type[ErrorT], home: str = "") -> dict[str, type[ErrorT]]:
    """Lists a class and its subclasses by name, a host's included; ours wins a shared name."""
    home = home or base.__module__
    found = {base.__name__: base}
    for sub in base.__subclasses__():
        for name, cls in _list_classes(sub, home).items():
            if name not in found or cls.__module__ == home:
                found[name] = cls
    return found
