"""Tells the reference the defaults of fields, and what private names of types stand for.

An extension of griffe, which mkdocs.yml names. The fields of a dataclass or of a model of pydantic
are what it is made with, so they are told as arguments are: with type and default, and with those
that it inherits first. And a type that
has a name of its own but stands at no door, such as `CacheMode`, is told by what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import griffe

MODELS = {"Value", "WireModel", "BaseModel", "NamedTuple"}


class ReferenceFields(griffe.Extension):
    """Rewrites what griffe has read, before it is rendered."""

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Rewrites every type and every list of fields of the package."""
        for thing in list(_walk(pkg)):
            if isinstance(thing, griffe.Attribute):
                thing.annotation = _expand(thing.annotation or _find_given(thing), pkg)
            elif isinstance(thing, griffe.Function):
                thing.returns = _expand(thing.returns, pkg)
                for parameter in thing.parameters:
                    parameter.annotation = _expand(parameter.annotation, pkg)
                    parameter.default = _find_constant(parameter.default, pkg)
        classes = [thing for thing in _walk(pkg) if isinstance(thing, griffe.Class)]
        made = [thing for thing in classes if thing.docstring and _is_made_of_fields(thing)]
        told = {thing.path: _find_rows(thing) for thing in made}  # all, before any is rewritten
        for thing in made:
            rows = [row for base in reversed(thing.mro()) for row in told.get(base.path, ())]
            sections = thing.docstring.parsed if thing.docstring else []
            sections[:] = [_tell_fields(section, thing, rows) for section in sections]


def _walk(thing: griffe.Object) -> Iterator[griffe.Object]:
    for member in thing.members.values():
        if not isinstance(member, griffe.Alias):
            yield member
            yield from _walk(member)


def _find_given(thing: griffe.Attribute) -> Any:
    """Finds the type of the argument that an attribute is set to, as in `self.url = url`."""
    parent = thing.parent
    given = parent.parameters if isinstance(parent, griffe.Class) else ()
    return next((one.annotation for one in given if one.name == str(thing.value)), None)


def _is_made_of_fields(thing: griffe.Class) -> bool:
    bases = {str(base).partition("[")[0] for one in (thing, *thing.mro()) for base in one.bases}
    return "dataclass" in thing.labels or not MODELS.isdisjoint(bases)


def _find_rows(thing: griffe.Class) -> list[griffe.DocstringAttribute]:
    parsed = thing.docstring.parsed if thing.docstring else []
    sections = [part for part in parsed if isinstance(part, griffe.DocstringSectionAttributes)]
    return [row for section in sections for row in section.value]


def _tell_fields(
    section: griffe.DocstringSection,
    thing: griffe.Class,
    inherited: list[griffe.DocstringAttribute],
) -> griffe.DocstringSection:
    if not isinstance(section, griffe.DocstringSectionAttributes):
        return section
    rows = []
    for row in {row.name: row for row in (*inherited, *section.value)}.values():
        if row.name not in thing.all_members:
            raise ValueError(
                f"{thing.path} has no field {row.name!r}, which its docstring tells of"
            )
        member: Any = thing.all_members[row.name]
        default = _find_constant(_find_default(member.value), thing.package)
        rows.append(
            griffe.DocstringParameter(
                row.name,
                description=row.description,
                annotation=member.annotation,
                value=default,
            )
        )
    return griffe.DocstringSectionParameters(rows, title="Fields:")


def _find_default(value: Any) -> Any:
    """Finds the default in `Field(...)` or `field(...)`; None where a field has none."""
    if not (isinstance(value, griffe.ExprCall) and str(value.function) in {"Field", "field"}):
        return value
    given = {
        argument.name: argument.value
        for argument in value.arguments
        if isinstance(argument, griffe.ExprKeyword)
    }
    made = given.get("default_factory")
    if made is None:
        return given.get("default")
    return str(made).removeprefix("lambda: ") if "lambda" in str(made) else f"{made}()"


@cache
def _list_public_paths(package: griffe.Module) -> set[str]:
    """Lists where the names at doors and in public modules are defined."""
    paths = set()
    for module in (package, *package.modules.values()):
        if not module.name.startswith("_"):
            names = {str(name) for name in module.exports or module.members}
            members: list[Any] = [module.members[name] for name in names]
            paths |= {one.target_path if one.is_alias else one.path for one in members}
    return paths


def _find_constant(default: Any, package: griffe.Module) -> Any:
    """Finds the number or text behind the name of a constant of the package."""
    path = default.canonical_path if isinstance(default, griffe.ExprName) else ""
    if path.startswith("inspectiq.") and path.rpartition(".")[2].isupper():
        return package[path.split(".")[1:]].value
    return default


def _expand(expression: Any, package: griffe.Module) -> Any:
    """Replaces names of types that stand at no door by what they stand for."""
    if isinstance(expression, griffe.ExprName):
        path = expression.canonical_path
        if path.startswith("inspectiq.") and path not in _list_public_paths(package):
            try:
                named = package[path.split(".")[1:]]
            except KeyError:  # a parameter, in an expression of a function's own
                return expression
            is_type = named.is_attribute and not named.name.isupper()
            if (
                is_type
                and isinstance(named.value, griffe.Expr)
                and "TypeVar" not in str(named.value)
            ):
                return _expand(named.value, package)
    elif isinstance(expression, list):
        return [_expand(part, package) for part in expression]
    elif is_dataclass(expression) and isinstance(expression, griffe.Expr):
        told = {field.name: getattr(expression, field.name) for field in fields(expression)}
        return replace(expression, **{name: _expand(part, package) for name, part in told.items()})
    return expression
