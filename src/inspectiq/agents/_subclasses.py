"""Checks what a host's subclass of an agent says, and what its template methods return."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutine
from types import NoneType
from typing import Any, NoReturn, ParamSpec, TypeVar, get_args, get_origin

from typing_extensions import get_original_bases

from inspectiq._taking import name_kind
from inspectiq.agents._observations import WireObservation
from inspectiq.domain._findings import Finding
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._results import Result
from inspectiq.domain._severity import Severity
from inspectiq.domain._summary import Summary
from inspectiq.errors import ConfigError

__all__ = ["call_template", "find_own_model", "require_made"]

P = ParamSpec("P")
T = TypeVar("T")

_RETURNS: dict[str, tuple[tuple[type, ...], str]] = {
    "write_instructions": ((str,), "the instructions as text"),
    "refine": (
        (Finding, NoneType),
        "a finding, such as super().refine(observation, case), or None to drop it",
    ),
    "merge": ((list, tuple), "a list of the findings that stay"),
    "grade": (
        (Severity,),
        "a Severity, such as super().grade(finding, case) or "
        "self.severity.make_severity('high', because='...', case=case)",
    ),
    "estimate": (
        (CostEstimate, NoneType),
        "a CostEstimate, such as super().estimate(finding, case) or "
        "CostEstimate.stated_range(90, 180, 'USD', 'our service'), or None for no price",
    ),
    "summarise": (
        (Summary,),
        "a Summary, such as super().summarise(findings, outcomes, case), changed by "
        ".model_copy(update={'headline': '...'})",
    ),
    "assemble": ((Result,), "the result, such as super().assemble(draft)"),
}
"""What each template method returns, and how to say it."""

_OF_AN_OBJECT = (
    "taxonomy",
    "severity",
    "cost_book",
    "cost_mode",
    "emergency_screen",
    "prompt",
    "photos_per_request",
    "reads",
    "keep",
    "second_look",
    "limits",
    "sink_timeout",
)
"""What making an agent sets, whatever its class says."""


def call_template(agent: object, method: Callable[P, T], *given: P.args, **more: P.kwargs) -> T:
    """Calls a template method of an agent, and makes sure that it returns what it must.

    Raises:
        ConfigError: It does not; the message names class and method, and what to return.
    """
    returned = method(*given, **more)
    name = next(name for name in _RETURNS if getattr(agent, name, None) == method)
    kinds, choices = _RETURNS[name]
    if not isinstance(returned, kinds):
        _refuse_returned(agent, name, returned, choices)
    if isinstance(returned, list | tuple):
        for one in returned:
            if not isinstance(one, Finding):
                _refuse_returned(agent, name, one, choices, "a list with ")
    return returned


def _refuse_returned(
    agent: object, name: str, returned: Any, choices: str, within: str = ""
) -> NoReturn:
    where = f"{type(agent).__name__}.{name}"
    if iscoroutine(returned):
        returned.close()
        raise ConfigError(f"{where} is async; make it a plain method, which returns {choices}")
    raise ConfigError(f"{where} returned {within}{name_kind(returned)}; return {choices}")


def require_made(agent: object) -> None:
    """Makes sure that an agent was made by its base class as well.

    Raises:
        ConfigError: Its own `__init__` does not call that of the base.
    """
    if "_clock" not in vars(agent):  # the last that is set
        raise ConfigError(
            f"{type(agent).__name__}.__init__ does not call super().__init__(engine, ...); call it"
        )


def find_own_model(agent: type) -> Any:
    """Finds the wire model that a class names, as in `InspectionAgent[PoolObservation]`; or None.

    A class without brackets has none of its own, and takes that of its base.

    Raises:
        ConfigError: What it names is no wire model for this agent, or it sets what is given to the
            constructor and would not be used.
    """
    for name in _OF_AN_OBJECT:
        if name in vars(agent) and not hasattr(vars(agent)[name], "__get__"):
            raise ConfigError(
                f"{agent.__name__}.{name} is set on the class, where it is not used; give it to "
                f"the agent when it is made: super().__init__(engine, {name}=...)"
            )
    if "observation_model" in vars(agent):
        shipped = next(filter(None, map(_find_model, agent.__mro__[1:])), WireObservation)
        return _require_model(agent, vars(agent)["observation_model"], shipped)
    for base in get_original_bases(agent):
        shipped = getattr(get_origin(base), "observation_model", None)
        for named in get_args(base) if shipped is not None else ():
            if not isinstance(named, TypeVar) and named is not Any:
                return _require_model(agent, named, _find_shipped(shipped))
    return None


def _find_model(base: type) -> Any:
    model: type | None = vars(base).get("observation_model")
    return None if model is None else _find_shipped(model)


def _find_shipped(model: Any) -> Any:
    """Finds the wire model that ships and that this one is, or is a subclass of."""
    return next(base for base in model.__mro__ if base.__module__ == WireObservation.__module__)


def _require_model(agent: type, model: Any, shipped: type) -> Any:
    if isinstance(model, type) and issubclass(model, shipped):
        return model
    named = name_kind(model) if isinstance(model, type) else repr(model)
    raise ConfigError(
        f"{agent.__name__}: {named} is no wire model for this agent; give a subclass of "
        f"{shipped.__name__}, itself and not its name"
    )
