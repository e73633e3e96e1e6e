"""Instructions of several kinds fit together: nothing is asked that a found kind forbids."""

import re
from itertools import combinations

import pytest

from inspectiq import screen
from inspectiq._words import WordSpan, tokenize
from inspectiq.screening import EmergencyScreen
from inspectiq.screening._reader import FoundEmergency

SCREEN = EmergencyScreen.default()
RANKED = sorted(SCREEN.kinds, key=lambda kind: SCREEN.kinds[kind].rank)
SETS = [(kind,) for kind in RANKED] + [*combinations(RANKED, 2)] + [*combinations(RANKED, 3)]
LEAVE_AT_ONCE = {"fire", "gas_smell", "carbon_monoxide"}

# What no line may say beside a kind, read off the words themselves and not off the table.
SAYS: dict[str, tuple[str, ...]] = {
    "gas_smell": (
        r"^Close", r"^Call ", r"switch the power off", r"\bswitch it off;", r"^Stay with",
        r"^Keep everyone in one room", r"close the main water valve",
        r"^Cierre", r"^Llame ", r"corte ahí la corriente", r"apáguelo;", r"^Quédese", r"^Júntense",
        r"cierre la llave general",
    ),
    "fire": (r"^Call ", r"^Stay with", r"one room", r"valve", r"^Llame ", r"^Quédese"),
    "carbon_monoxide": (r"^Call ", r"^Stay with", r"one room", r"valve", r"^Llame ", r"^Quédese"),
    "water_at_electrics": (r"\bswitch it off;", r"unplug it only", r"apáguelo;", r"enchúfelo solo"),
    "sparks": (r"\bswitch it off;", r"unplug it only", r"apáguelo;", r"enchúfelo solo"),
}  # fmt: skip


def _told(kinds: tuple[str, ...], language: int) -> dict[str, tuple[str, ...]]:
    words = tokenize("x")
    found = [(language, FoundEmergency(kind, WordSpan(0, 1), ())) for kind in kinds]
    emergencies = SCREEN._build_emergencies("x", words, found, language, None, "US")
    return {one.kind: one.instructions for one in emergencies}


@pytest.mark.parametrize("language", [0, 1], ids=[*SCREEN.languages])
def test_no_kinds_together_ask_for_what_one_of_them_forbids(language: int) -> None:
    words = [*SCREEN.languages.values()][language].kinds
    for kinds in SETS:
        told = _told(kinds, language)
        assert [*told] == [*kinds]
        forbidden = {act for kind in kinds for act in SCREEN.kinds[kind].forbids}
        for kind, lines in told.items():
            assert lines, kinds
            asked = {i.say.replace("{number}", "911"): i.asks for i in words[kind].instructions}
            for line in lines:
                assert forbidden.isdisjoint(asked.get(line, ())), (kinds, line)
        said = [line for lines in told.values() for line in lines]
        for kind in kinds:
            for wrong in SAYS.get(kind, ()):
                assert not [line for line in said if re.search(wrong, line)], (kinds, wrong)


def test_no_kind_forbids_its_own_instructions() -> None:
    for language in (0, 1):
        words = [*SCREEN.languages.values()][language].kinds
        for kind in RANKED:
            said = [i.say.replace("{number}", "911") for i in words[kind].instructions]
            assert _told((kind,), language)[kind] == tuple(said)


def test_what_makes_people_leave_comes_first() -> None:
    for kinds in SETS:
        if LEAVE_AT_ONCE & set(kinds):
            leads = next(kind for kind in kinds if kind != "hurt_or_trapped")
            assert _told(kinds, 0)[leads][0].startswith("Leave now")


def test_gas_beside_a_fire_and_somebody_hurt() -> None:
    found = screen("there is a fire, I smell gas and my dad is unconscious", country="US")
    told = {one.kind: one.instructions for one in found.emergencies}
    assert [*told] == ["fire", "hurt_or_trapped", "gas_smell"]
    assert "Close doors behind you." not in told["fire"]
    assert told["hurt_or_trapped"][0].startswith("Once you are outside, call 911")
    assert "doorbell" in " ".join(told["gas_smell"])


def test_water_through_a_lamp_is_water_at_electrics() -> None:
    for text in ("cae agua por la lámpara", "water is coming through the light in the hall"):
        first = screen(text).emergencies[0]
        assert first.kind == "water_at_electrics"
        assert re.search(r"not touch the lamp|No toque la lámpara", " ".join(first.instructions))
