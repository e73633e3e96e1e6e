"""Files of one's own, laid over the shipped screen or another."""

from pathlib import Path

import pytest

from inspectiq import ConfigError
from inspectiq.screening import EmergencyScreen

FRENCH = """
name = "ours"
version = "1"

[acts]
open_windows = "to open windows"

[kinds.bee_swarm]
rank = 20
forbids = ["open_windows"]

[numbers]
BE = { number = "112", source = "widely published", mark = "S" }
XK = { number = "112", source = "widely published", mark = "S" }

[languages.fr]
name = "français"
emergency_number = "le numéro d'urgence"
common_words = "la le les de des du dans une un il y a est et ne pas je ça cuisine porte ferme"
denials = ["pas", "pas de"]

[languages.fr.kinds.gas_smell]
label = "Odeur de gaz"
instructions = ["Sortez.", "Dehors, appelez {number}."]
phrases = ["sent le gaz", "odeur de gaz"]

[languages.en.kinds.bee_swarm]
label = "Swarm of bees"
instructions = [
  { say = "Close the windows.", asks = ["stay"], instead = "Leave the windows." },
  "Wait.",
]
phrases = ["swarm of bees", "wasps everywhere"]

[languages.en]
harmless = ["gas smell generator"]
"""


def _written(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_adds_a_language_a_kind_a_number_and_what_is_harmless(tmp_path: Path) -> None:
    shipped = EmergencyScreen.default()
    ours = EmergencyScreen.from_file(_written(tmp_path, FRENCH))
    assert (ours.name, ours.version) == ("ours", "1")
    assert list(ours.languages) == ["en", "es", "fr"]
    assert ours.sha256 != shipped.sha256

    (one,) = ours.screen("Ça sent le gaz dans la cuisine", country="XK").emergencies
    assert (one.kind, one.label, one.language) == ("gas_smell", "Odeur de gaz", "fr")
    assert (one.words, one.because) == ("sent le gaz", ("sent le gaz",))
    assert one.instructions == ("Sortez.", "Dehors, appelez 112.")
    assert ours.screen("il y a une odeur de gaz").emergencies[0].instructions[1] == (
        "Dehors, appelez le numéro d'urgence."
    )

    told = ours.screen("there are wasps everywhere", reply_in="fr")
    assert [(bees.kind, bees.label) for bees in told.emergencies] == [
        ("bee_swarm", "Swarm of bees")
    ]
    both = ours.screen("there are wasps everywhere and I smell gas")
    assert [one.kind for one in both.emergencies] == ["gas_smell", "bee_swarm"]
    assert both.emergencies[1].instructions == ("Leave the windows.", "Wait.")
    assert ours.screen("our gas smell generator is for training").status == "clear"
    assert ours.screen("I smell gas").status == "emergency"
    assert shipped.screen("there are wasps everywhere").status == "clear"


def test_a_language_without_weights_is_never_clear_and_says_why(tmp_path: Path) -> None:
    ours = EmergencyScreen.from_file(_written(tmp_path, FRENCH))
    for text in ("pas d'odeur de gaz dans la cuisine", "la porte de la cuisine ne ferme pas"):
        found = ours.screen(text, language="fr-BE")
        assert (found.status, found.language) == ("not_screened", "fr")
        assert "français is screened by phrases alone" in found.reason


def test_a_file_may_be_laid_over_another_screen(tmp_path: Path) -> None:
    first = EmergencyScreen.from_file(_written(tmp_path, FRENCH))
    more = '[languages.fr.kinds.gas_smell]\nlabel = "Gaz"\nphrases = ["fuite de gaz"]\n'
    second = EmergencyScreen.from_file(_written(tmp_path, more), over=first)
    assert (second.name, second.version) == ("ours", "1")
    for text in ("ça sent le gaz", "il y a une fuite de gaz"):
        (one,) = second.screen(text).emergencies
        assert (one.label, one.instructions[0]) == ("Gaz", "Sortez.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour = 1", "line 1: colour: there is no such name; use one of name, version"),
        ("name = 3", "line 1: name: this is missing or no text"),
        ("kinds = 3", "line 1: kinds: this is no table"),
        ("[kinds]\nfire = true", "line 2: kinds.fire: this is no table"),
        ("[kinds]\nfire = { rank = 'x' }", "line 2: kinds.fire.rank: "),
        ("[kinds]\nBees = { rank = 3 }", "line 2: kinds.Bees: a kind is small letters"),
        (
            "[kinds.bees]\nrank = 3\nforbids = ['fly']",
            "line 3: kinds.bees.forbids: there is no act",
        ),
        ("acts.fly = 3", "line 1: acts.fly: this is no text"),
        ("[numbers]\nusa = {}", "line 2: numbers.usa: a country is two capital letters"),
        ('[numbers]\nUS = { number = "nine" }', "line 2: numbers.US.number: "),
        ("[languages.French]\nname = 'x'", "line 1: languages.French: a language is its code"),
        ("[languages.fr]\nname = 'x'", "line 1: languages.fr.emergency_number: this is missing"),
        ("[languages.en]\nsigns = 'x'", "line 2: languages.en.signs: there is no such name"),
        (
            "[languages.en.kinds.bees]\nlabel = 'x'",
            "line 1: languages.en.kinds.bees: it has no rank",
        ),
        (
            "[kinds.bees]\nrank = 40\n\n[languages.en.kinds.bees]\nphrases = ['bees']",
            "line 4: languages.en.kinds.bees.label: this is missing; write it",
        ),
        ("[languages.en.kinds.fire]\nlabel = 3", "line 2: languages.en.kinds.fire.label"),
        ("[languages.en.kinds.fire]\nphrases = ['']", "line 2: languages.en.kinds.fire.phrases"),
        (
            "[languages.en.kinds.fire]\ninstructions = [{ say = 'x', asks = ['fly'] }]",
            "line 2: languages.en.kinds.fire.instructions.0: there is no act 'fly'; use one of",
        ),
        ("= 3", "this is not TOML"),
    ],
)
def test_a_fault_is_named_with_its_place_and_how_to_mend_it(
    tmp_path: Path, text: str, told: str
) -> None:
    path = _written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        EmergencyScreen.from_file(path)
    assert str(caught.value).startswith(str(path))
    assert told in str(caught.value)
    assert ";" in str(caught.value)


def test_a_screen_without_a_language_or_with_an_unknown_kind_or_act_is_refused() -> None:
    raw = EmergencyScreen.default().model_dump()
    with pytest.raises(ValueError, match="needs a language"):
        EmergencyScreen.model_validate(raw | {"languages": {}})
    with pytest.raises(ValueError, match="has no rank"):
        EmergencyScreen.model_validate(raw | {"kinds": {"fire": {"rank": 1}}})
    with pytest.raises(ValueError, match="there is no act"):
        EmergencyScreen.model_validate(raw | {"acts": {}})
