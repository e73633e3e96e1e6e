"""Results whose every text was written by somebody who means harm."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationError

from inspectiq import Diagnosis, Inspection
from inspectiq._samples.flat import inspect_flat
from inspectiq.domain._results import Result
from inspectiq.errors import ConfigError
from tests.reports.results import diagnose_sink, inspect, inspect_pool

ResultT = TypeVar("ResultT", bound=Result)

OUTSIDE = "evil.example"
HOSTILE = (
    f'"><script src="https://{OUTSIDE}/x.js">alert(1)</script><img src=x onerror=alert(1)>'
    f"</style></title></textarea><iframe src=//{OUTSIDE}></iframe><svg onload=alert(1)>"
    f"![x](https://{OUTSIDE}/p.png) [y](javascript:alert(1)) "
    "{{ 7*7 }} {% raw %} ${x} &#x3c;b&gt; ' onmouseover='alert(1) javascript:alert(1) "
    "\u202eturned\u202c zero\u200bwidth \u2066iso\u2069 \x07bell \ufffenone \U0001fffe ألف 中文 𝔘"
)
LONG = "W" * 10_000
KEPT = re.compile(
    r"(?<!case)\.(id|parent|photo_id|finding_id|sha256|at|time_zone|language)$|_sha256$"
)


def write_over(result: ResultT, text: str) -> ResultT:
    """Writes a text over every text of a result that may be any text."""
    tree: Any = json.loads(result.to_json())
    form = type(result)
    free = _find_free(form, result.to_json())
    for path, _ in _list_texts(tree):
        if _name(path) in free:
            _set(tree, path, text[:200] if _name(path) == "case.id" else text)
    return form.model_validate_json(json.dumps(tree))


@cache
def _find_free(form: Callable[..., Any], written: str) -> frozenset[str]:
    """Finds the fields whose text may be any text: those that take a strange one."""
    free = set()
    for path, _ in _list_texts(json.loads(written)):
        if _name(path) in free or KEPT.search(_name(path)):
            continue
        tree = json.loads(written)
        _set(tree, path, "<b>strange</b> \u200btext=")
        try:
            form.model_validate_json(json.dumps(tree))  # type: ignore[attr-defined]
        except (ValidationError, ConfigError):
            continue
        free.add(_name(path))
    return frozenset(free)


def _list_texts(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, dict | list):
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from _list_texts(value, (*path, key))


def _name(path: tuple[Any, ...]) -> str:
    return ".".join(str(key) for key in path if not isinstance(key, int))


def _set(tree: Any, path: tuple[Any, ...], text: str) -> None:
    for key in path[:-1]:
        tree = tree[key]
    tree[path[-1]] = text


def list_hostile(text: str = HOSTILE) -> dict[str, Result]:
    """Results with that text in every field: the flat, fields of a host, a diagnosis, no issue."""
    pool = inspect_pool(tiles=["a", "b"], water="green", depth=1.5, fenced=True)
    return {
        "flat": write_over(inspect_flat(), text),
        "pool": write_over(pool, text),
        "diagnosis": write_over(diagnose_sink(), text),
        "nothing": write_over(inspect(), text),
    }


def list_free(form: type[Inspection] | type[Diagnosis]) -> frozenset[str]:
    """The fields that `write_over` writes over."""
    result = inspect_flat() if form is Inspection else diagnose_sink()
    return _find_free(type(result), result.to_json())
