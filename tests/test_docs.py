"""The documentation: the reference has each public name once, and pages name what there is."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cached_property
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from types import FunctionType

import pytest
from pydantic import BaseModel

import inspectiq

ROOT = Path(inspectiq.__file__).parent
DOCS = Path(__file__).parents[1] / "docs"
PUBLIC_MODULES = ("config", "errors", "run")
ROOMS = sorted(path.parent.name for path in ROOT.glob("*/__init__.pyi"))
DOORS = ["inspectiq", *(f"inspectiq.{room}" for room in ROOMS)]
ENTRY = re.compile(r"^    (\S.*?):(?:\s|$)", re.MULTILINE)
SECTION = re.compile(r"^(?:Args|Attributes):\n((?:(?: {4}.*)?\n?)+)", re.MULTILINE)


def _names(module: str) -> list[str]:
    return list(import_module(module).__all__)


def _public_things() -> list[tuple[object, list[str]]]:
    """Each public thing with its paths, of which the reference shows one."""
    things: dict[int, tuple[object, list[str]]] = {}
    for module in (*DOORS, *(f"inspectiq.{name}" for name in PUBLIC_MODULES)):
        for name in _names(module):
            thing = getattr(import_module(module), name)
            things.setdefault(id(thing), (thing, []))[1].append(f"{module}.{name}")
    return list(things.values())


def _shown() -> list[str]:
    """What the reference shows, but for the introductions of public modules."""
    modules = {f"inspectiq.{name}" for name in PUBLIC_MODULES}
    pages = sorted((DOCS / "reference").glob("*.md"))
    texts = (page.read_text(encoding="utf-8") for page in pages)
    found = [path for text in texts for path in re.findall(r"^::: (\S+)", text, re.MULTILINE)]
    return [path for path in found if path not in modules]


def test_the_reference_shows_every_public_thing_once_and_nothing_else() -> None:
    shown = Counter(_shown())
    things = _public_things()
    told = {paths[0]: sum(shown[path] for path in paths) for _, paths in things}
    assert {path: count for path, count in told.items() if count != 1} == {}
    assert set(shown) <= {path for _, paths in things for path in paths}


def test_the_reference_begins_with_the_names_at_the_front_door() -> None:
    text = (DOCS / "reference" / "index.md").read_text(encoding="utf-8")
    linked = dict(re.findall(r"\[`(\w+)`\]\[([\w.]+)\]", text))
    assert set(linked) == set(inspectiq.__all__) - {"__version__"}  # type: ignore[attr-defined]
    assert set(linked.values()) <= set(_shown())


def _docstrings() -> Iterator[tuple[str, str]]:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, documented) and (text := ast.get_docstring(node)):
                yield f"{path.name}: {getattr(node, 'name', 'module')}", text


def test_each_argument_has_an_entry_of_its_own() -> None:
    entries = [
        (place, entry)
        for place, text in _docstrings()
        for section in SECTION.findall(text)
        for entry in ENTRY.findall(section)
    ]
    assert len(entries) > 1000
    assert [(place, entry) for place, entry in entries if not entry.strip("*").isidentifier()] == []


def _public_methods() -> Iterator[tuple[str, object]]:
    """Methods and properties of public classes, but for contracts, whose names are sentences."""
    for thing, (path, *_) in _public_things():
        if isinstance(thing, type):
            for name, member in list(vars(thing).items()):  # pydantic adds some
                plain = getattr(member, "__func__", member)
                is_method = isinstance(plain, FunctionType | property | cached_property)
                if is_method and not name.startswith(("_", "test_")):
                    yield f"{path}.{name}", plain


def test_every_public_method_says_what_it_does() -> None:
    methods = dict(_public_methods())
    assert len(methods) > 300
    assert [path for path, method in methods.items() if not method.__doc__] == []


def _made_of_fields() -> Iterator[tuple[str, type]]:
    for thing, (path, *_) in _public_things():
        if isinstance(thing, type) and (is_dataclass(thing) or issubclass(thing, BaseModel)):
            fields = thing.__dataclass_fields__ if is_dataclass(thing) else thing.model_fields
            if set(fields) & set(vars(thing).get("__annotations__", {})):
                yield path, thing


def test_every_public_class_that_is_made_of_fields_tells_them() -> None:
    classes = dict(_made_of_fields())
    assert len(classes) > 100
    silent = [path for path, one in classes.items() if not SECTION.search(getdoc(one) or "")]
    assert silent == []


def test_the_guides_are_few_enough_to_choose_among() -> None:
    assert len(list((DOCS / "guides").glob("*.md"))) <= 15


GLOSSARY = re.findall(
    r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \|$",
    (DOCS / "learn" / "glossary.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)[2:]


def test_the_glossary_is_short_and_in_the_order_of_the_alphabet() -> None:
    terms = [term for term, _, _ in GLOSSARY]
    assert 30 <= len(terms) <= 60
    assert terms == sorted(terms, key=str.casefold)


@pytest.mark.parametrize(("term", "place"), [(term, place) for term, _, place in GLOSSARY])
def test_what_the_glossary_names_is_there(term: str, place: str) -> None:
    for name in re.findall(r"`([^`]+)`", place):
        if "/" in name:
            assert (ROOT.parent / name).exists()
        else:
            _look_up(name)


def _look_up(path: str) -> object:
    """What stands at `inspectiq.room.Class.attribute`; fields without a default count as well."""
    module, *rest = path.split(".")
    thing: object = import_module(module)
    for name in rest:
        fields = getattr(thing, "__annotations__", {})
        if name in fields and not hasattr(thing, name):
            return fields[name]
        if not hasattr(thing, name):
            import_module(f"{module}.{name}")
        thing = getattr(thing, name)
    return thing
