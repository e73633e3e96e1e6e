"""Writes the public API to one text file, so that a change of it shows as a change of that file.

    python tools/public_api.py          # writes docs/reference/api.txt
    python tools/public_api.py --check  # prints how they differ, and ends with 1 if they do

It reads the source and runs none of it, so every Python writes the same. It lists each name at a
door (`inspectiq`, `inspectiq.severity`, ...) or in a public module; of classes the bases, fields
and methods, also those of a private base; and at the end the private types that these mention.
"""

import difflib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import griffe

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "reference" / "api.txt"
SPECIAL = ("init", "call", "getitem", "iter", "len", "contains", "enter", "exit", "aenter", "aexit")
SHOWN = {f"__{name}__" for name in SPECIAL}
UNSAID = re.compile(  # what changes nothing for a caller
    r"""(?:, )?\b(?:(?:title|description)=(?:'[^']*'|"[^"]*"|_[A-Z]+)|\w+Validator\(\w+\))"""
)
BARE = re.compile(r"\bAnnotated\[((?:[^][,]|\[[^][]*\])+)(?:, Field\(\))?\]")


class Writer:
    """Describes what stands at the doors."""

    def __init__(self) -> None:
        loader = griffe.GriffeLoader(search_paths=[ROOT / "src"])
        self.package: Any = loader.load("inspectiq")  # griffe types no attribute by its kind
        loader.resolve_aliases(external=False)
        self.mentioned: set[str] = set()
        self.homes: dict[str, str] = {}
        self.doors: dict[str, dict[str, Any]] = {}
        for module in (*self.package.modules.values(), self.package):  # a room's names are its own
            if not module.name.startswith("_"):
                aliases = {name for name, thing in module.members.items() if thing.is_alias}
                names = set(map(str, module.exports or aliases)) - {"open_door"}
                things = {name: module[name] for name in sorted(names)}
                self.doors[module.path] = things
                for name, thing in things.items():
                    self.homes.setdefault(thing.canonical_path, f"{module.path}.{name}")

    def write(self) -> str:
        """Writes the text."""
        lines: list[str] = []
        for door, things in sorted(self.doors.items()):
            lines.append(door)
            for name, thing in things.items():
                home = self.homes[thing.canonical_path]
                seen = [f"{name}: see {home}"] if home != f"{door}.{name}" else self.describe(thing)
                lines.extend(f"    {line}" for line in seen)
            lines.append("")
        return "\n".join([*lines, "mentioned above, at no door", *self.describe_mentioned(), ""])

    def describe(self, thing: Any) -> Iterator[str]:
        """Yields the lines of a class, function or value."""
        thing = thing.final_target if thing.is_alias else thing
        marks = [str(one.value) for one in getattr(thing, "decorators", ())]
        # One of them changes nothing for a caller.
        yield from (f"@{mark}" for mark in marks if mark != "hide_locals")
        if thing.is_class:
            bases = ", ".join(map(self.say, thing.bases))
            yield f"class {thing.name}({bases})" if bases else f"class {thing.name}"
            for name, member in sorted(thing.all_members.items()):
                own = not member.inherited or member.final_target.parent.path not in self.homes
                if own and name != "model_config" and (name in SHOWN or not name.startswith("_")):
                    yield from (f"    {line}" for line in self.describe(member))
        elif thing.is_function:
            [self.say(part.annotation) for part in thing.parameters], self.say(thing.returns)
            yield f"{'async ' if 'async' in thing.labels else ''}def {thing.signature()}"
        else:
            mark = "@property " if "property" in thing.labels else ""
            is_set_inside = thing.parent.is_class and "class-attribute" not in thing.labels
            given = {part.name: part for part in thing.parent.parameters} if is_set_inside else {}
            annotation = thing.annotation or getattr(given.get(str(thing.value)), "annotation", "")
            type = f": {self.say(annotation)}" if annotation else ""
            value = "" if mark or is_set_inside or not thing.value else f" = {thing.value}"
            text = UNSAID.sub("", f"{mark}{thing.name}{type}{value}").replace("Field(, ", "Field(")
            yield BARE.sub(r"\1", text)

    def say(self, expression: Any) -> str:
        """Writes a type, and keeps in mind what it mentions."""
        if isinstance(expression, griffe.Expr):
            names = (part for part in expression.iterate() if isinstance(part, griffe.ExprName))
            self.mentioned |= {name.canonical_path for name in names}
        return str(expression)

    def describe_mentioned(self) -> list[str]:
        """Describes private types that public ones mention, and those that they mention."""
        told: dict[str, list[str]] = {}
        known = set(self.homes)
        while new := {path for path in self.mentioned if path.startswith("inspectiq.")} - known:
            known |= new
            for thing in (self.package[path.split(".")[1:]] for path in new):
                constant = thing.is_attribute and (
                    thing.name.isupper() or "TypeVar(" in str(thing.value)
                )
                if not (thing.is_function or constant or thing.canonical_path in self.homes):
                    lines = [f"    {line}" for line in self.describe(thing)]
                    told[f"{thing.name} {thing.canonical_path}"] = lines
        return [line for name in sorted(told) for line in told[name]]


def main() -> int:
    """Writes the file, or compares it."""
    text = Writer().write()
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
        return 0
    before = FILE.read_text(encoding="utf-8").splitlines()
    diff = list(difflib.unified_diff(before, text.splitlines(), FILE.name, "src", lineterm=""))
    if diff:
        print(*diff, "If this is meant, write it anew: python tools/public_api.py", sep="\n")
    return bool(diff)


if __name__ == "__main__":
    sys.exit(main())
