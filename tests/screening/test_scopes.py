"""Denied, past, supposed and over; and what is present beats these."""

import pytest

from inspectiq import screen


@pytest.mark.parametrize(
    "text",
    [
        "we had a leak last year and now I smell gas again",
        "no smell of smoke but there are sparks",
        "I don't know if it's anything but I smell gas",
        "not sure but I think I smell gas",
        "it won't stop sparking",
        "can't stop the water",
        "no one is answering and water is pouring through the ceiling",
        "The gas leak was fixed but it smells of gas again",
        "It was a false alarm last week, but today I smell gas",
        "no hot water and the outlet is sparking",
        "no huele a humo pero salen chispas del enchufe",
        "no sé si es algo pero huele a gas",
        "el año pasado hubo una fuga y ahora huele a gas otra vez",
    ],
)
def test_what_is_present_counts(text: str) -> None:
    assert screen(text).status == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "no smell of gas",
        "nobody is hurt",
        "We don't see fire, smoke or sparks",
        "we had a gas leak last year, it was fixed",
        "the previous tenant had a fire",
        "what do I do if I ever smell gas?",
        "in case of fire, where do I go",
        "false alarm, it was toast",
        "the small fire in the pan turned out to be nothing",
        "the burst pipe was repaired this morning",
        "no huele a gas",
        "el inquilino anterior tuvo un incendio",
        "¿qué hago si huele a gas?",
        "fue falsa alarma, no había fuego",
    ],
)
def test_what_is_denied_past_supposed_or_over_does_not(text: str) -> None:
    assert screen(text).status == "clear"


def test_a_denial_ends_with_its_clause() -> None:
    found = screen("There is no smoke. There are sparks.")
    assert [one.kind for one in found.emergencies] == ["sparks"]
