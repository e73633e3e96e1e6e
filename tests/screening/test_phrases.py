"""What tenants write: what must be found, what must not, and what cannot be judged."""

import pytest

from inspectiq import screen
from tests.screening.phrases import phrases

MOST_FALSE = 0.05
LEAST_RECOGNISED = 0.97


@pytest.mark.parametrize(("language", "least"), [("en", 130), ("es", 90)])
def test_every_emergency_is_found(language: str, least: int) -> None:
    texts = phrases(f"{language}_must")
    assert len(texts) >= least
    assert [text for text in texts if screen(text).status != "emergency"] == []


@pytest.mark.parametrize(("language", "least"), [("en", 130), ("es", 90)])
def test_false_alarms_are_few(language: str, least: int) -> None:
    texts = phrases(f"{language}_must_not")
    assert len(texts) >= least
    false = [text for text in texts if screen(text).status == "emergency"]
    assert len(false) <= MOST_FALSE * len(texts), false


def test_ordinary_texts_are_recognised_and_clear() -> None:
    texts = phrases("ordinary")
    assert len(texts) >= 60
    unclear = [text for text in texts if screen(text).status != "clear"]
    assert len(unclear) <= (1 - LEAST_RECOGNISED) * len(texts), unclear


def test_texts_in_other_languages_are_never_clear() -> None:
    texts = phrases("foreign")
    assert len(texts) >= 12
    for text in texts:
        found = screen(text)
        assert found.status == "not_screened", text
        assert found.reason
        assert found.language is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I smell gas", "gas_smell"),
        ("the CO alarm is going off", "carbon_monoxide"),
        ("the outlet is sparking", "sparks"),
        ("it smells like something is burning", "burning_smell"),
        ("the curtains are on fire", "fire"),
        ("a pipe burst", "flooding"),
        ("water is dripping into the breaker box", "water_at_electrics"),
        ("sewage is coming up in the tub", "sewage"),
        ("the ceiling is coming down", "ceiling_coming_down"),
        ("the deck collapsed", "collapse"),
        ("no heat and it is snowing", "no_heat_in_frost"),
        ("my son is trapped in the elevator", "hurt_or_trapped"),
        ("huele a gas", "gas_smell"),
        ("suena la alarma de monóxido", "carbon_monoxide"),
        ("el enchufe echa chispas", "sparks"),
        ("huele a cable quemado", "burning_smell"),
        ("hay fuego en la sala", "fire"),
        ("se reventó la tubería", "flooding"),
        ("cae agua por el foco", "water_at_electrics"),
        ("salen aguas negras del baño", "sewage"),
        ("se cae el techo", "ceiling_coming_down"),
        ("se derrumbó el muro", "collapse"),
        ("no hay calefacción y está nevando", "no_heat_in_frost"),
        ("mi hija está atrapada en el ascensor", "hurt_or_trapped"),
    ],
)
def test_each_kind_is_told_by_its_name(text: str, kind: str) -> None:
    assert kind in [one.kind for one in screen(text).emergencies]
