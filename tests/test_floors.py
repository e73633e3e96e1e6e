"""Data moves one way: a room imports from its own floor or from below."""

import ast
from pathlib import Path

import pytest

import inspectiq

ROOT = Path(inspectiq.__file__).parent
FLOORS = (
    (
        "errors",
        "domain",
        "events",
        "run",
        "settings",
        "progress",
        "validate",
        "version",
        "words",
        "files",
        "fork",
        "log",
        "retry_after",
        "sqlite",
        "sync",
        "threads",
    ),
    ("photos", "severity", "costs", "limits", "screening", "net"),
    ("transports",),
    ("agents", "config", "regrading", "reviewing"),
    ("reports", "samples", "webhooks"),
    ("testing",),
    ("cli", "_main__", "_init__"),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
# A result imports its renderer when it is asked to render itself, and what derives another one.
ALLOWED = {
    ("domain/_results.py", "reports"),
    ("domain/_results.py", "regrading"),
    ("domain/_results.py", "reviewing"),
}


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py").removeprefix("_")


def _imported_rooms(path: Path) -> set[str]:
    names = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in list(ast.walk(tree)):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []  # types only
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("inspectiq"):
            parts = (node.module or "").split(".")
            names |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return {name.removeprefix("_") for name in names} & set(FLOOR_OF)


FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_import_points_up(path: Path) -> None:
    own = FLOOR_OF[_room(path)]
    up = {
        room
        for room in _imported_rooms(path)
        if FLOOR_OF[room] > own and (path.relative_to(ROOT).as_posix(), room) not in ALLOWED
    }
    assert not up


def test_every_room_has_a_floor() -> None:
    assert {_room(path) for path in FILES} <= set(FLOOR_OF)
