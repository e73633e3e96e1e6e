"""How long items last, and which issues are listed as wear or damage. Never who is to pay."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from importlib.resources import files

from inspectiq._taking import require
from inspectiq._values import FrozenMap, Value
from inspectiq.costs._book_parts import Source
from inspectiq.domain._findings import ConditionBasis
from inspectiq.domain._taxonomy import Condition

__all__ = ["UsefulLife", "UsefulLives", "find_condition_basis", "find_useful_life"]


class UsefulLife(Value):
    """How many years an item lasts."""

    years: int
    source: Source


class ListedCondition(Value):
    """Whether a published guide lists a type of issue as wear or as damage, and why."""

    condition: Condition
    what: str


class UsefulLives(Value):
    """Useful lives of items, and conditions that are listed for types of issue.

    Attributes:
        lives: By item.
        items: The item that a type of issue is about.
        listed: By type of issue.
        list_source: Where `listed` comes from.
    """

    lives: FrozenMap[UsefulLife]
    items: FrozenMap[str]
    listed: FrozenMap[ListedCondition]
    list_source: Source

    @classmethod
    def default(cls) -> UsefulLives:
        """Loads the lives and conditions that ship with inspectiq.

        They are those of the US Department of Housing and Urban Development, seen second-hand.
        """
        return _load_lives()

    def find(self, item_or_type: str) -> UsefulLife | None:
        """Finds the useful life of an item or a type of issue; None if unknown."""
        return self.lives.get(self.items.get(item_or_type, item_or_type))


def find_useful_life(item_or_type: str) -> int | None:
    """Finds how many years an item such as `carpet`, or the item of a type of issue, lasts.

    Returns:
        None where no life is known. For paint, ask for `flat_paint` or `enamel_paint`.
    """
    require(item_or_type, str, "item_or_type", "give an item, or the key of a type of issue")
    life = UsefulLives.default().find(item_or_type)
    return None if life is None else life.years


def find_condition_basis(
    type: str, condition: Condition, *, age: Decimal | int | str | None = None
) -> ConditionBasis:
    """Finds the evidence for wear or damage in the published list and the useful lives.

    Args:
        type: Type of the issue.
        condition: Wear, damage or unclear, as the finding has it.
        age: Years since the item was new.

    Raises:
        ConfigError: The age is negative or no number, or there is no such condition.
    """
    require(type, str, "type", "give the key of a type of issue")
    lives = UsefulLives.default()
    life, listed = lives.find(type), lives.listed.get(type)
    basis = ConditionBasis(
        condition=condition,
        listed=listed.condition if listed is not None else None,
        useful_life=life.years if life is not None else None,
        age=age,  # type: ignore[arg-type]  # pydantic makes it exact, or refuses it
    )
    reasons, past = [], None
    if listed is not None:
        where = _write_source(lives.list_source)
        reasons.append(f"listed as {listed.condition}: {listed.what} {where}")
    if life is not None:
        reasons.append(f"useful life {life.years} years {_write_source(life.source)}")
    if life is not None and basis.age is not None:
        past = basis.age > life.years
        reasons.append(f"{basis.age:f} years old, {'past' if past else 'within'} its useful life")
    return basis.model_copy(update={"past_life": past, "reasons": tuple(reasons)})


def _write_source(source: Source) -> str:
    return f"({source.name}) [{source.mark}]"


@cache
def _load_lives() -> UsefulLives:
    import tomllib

    text = files("inspectiq.costs").joinpath("us", "lives.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    sources = raw.pop("sources")
    for life in raw["lives"].values():
        life["source"] = sources[life["source"]]
    return UsefulLives.model_validate({**raw, "list_source": sources["lists"]})
