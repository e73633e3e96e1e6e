"""Data moves one way: a room imports from below, as the picture in CONTRIBUTING shows it."""

import ast
import re
from pathlib import Path

import pytest

import inspectiq

ROOT = Path(inspectiq.__file__).parent
CONTRIBUTING = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
PICTURE = re.search(r"```text\n(floor .*?)```", CONTRIBUTING, re.DOTALL)[1]  # type: ignore[index]
FLOORS = {
    room: -height
    for height, floor in enumerate(re.split(r"^(?:floor \d|ground)", PICTURE, flags=re.MULTILINE))
    for room in floor.split()
}
# A value imports what renders or derives it when it is asked to.
ALLOWED = {
    ("domain", "reports"),
    ("domain", "regrading"),
    ("domain", "reviewing"),
    ("severity", "reports"),
}
FILES = sorted(
    path for path in ROOT.rglob("*.py") if path.name != "__main__.py" and path.parent != ROOT
) + sorted(path for path in ROOT.glob("*.py") if not path.name.startswith("__"))


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
    return {name.removeprefix("_") for name in names} - {_room(path)}


ROOMS = sorted({_room(path) for path in FILES})


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """The rooms that each room imports from."""
    found: dict[str, set[str]] = {}
    for path in FILES:
        found.setdefault(_room(path), set()).update(_imported_rooms(path))
    return found


def test_every_room_stands_in_the_picture_and_nothing_else_does() -> None:
    assert set(ROOMS) == set(FLOORS)


@pytest.mark.parametrize("room", ROOMS)
def test_no_import_points_up(room: str, imports: dict[str, set[str]]) -> None:
    up = {other for other in imports[room] if FLOORS[other] > FLOORS[room]}
    assert {(room, other) for other in up} <= ALLOWED


def test_no_two_rooms_import_each_other(imports: dict[str, set[str]]) -> None:
    pairs = {(room, other) for room in imports for other in imports[room] if room in imports[other]}
    allowed = {tuple(sorted(pair)) for pair in ALLOWED}
    assert {pair for pair in pairs if pair[0] < pair[1]} <= allowed


def test_the_files_on_the_way_of_a_photo_and_of_a_webhook_exist() -> None:
    walk = CONTRIBUTING[CONTRIBUTING.index("### The way of one photo") :]
    named = re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", walk)
    assert len(named) > 30
    assert not [name for name in named if not (ROOT / name).is_file()]
