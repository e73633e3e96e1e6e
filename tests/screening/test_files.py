"""Files of one's own, laid over the shipped screen or another."""

from pathlib import Path

import pytest

from inspectiq import ConfigError, EmergencyScreen

FRENCH = """
name = "ours"
version = "1"

[hazards]
bee_swarm = 20

[numbers]
BE = { number = "112", source = "widely published", mark = "S" }
XK = { number = "112", source = "widely published", mark = "S" }

[languages.fr]
name = "français"
emergency_number = "le numéro d'urgence"
function_words = "la le les de des du dans une un il y a est et ne pas je ça sent l'odeur"
vocabulary = "porte cuisine ferme fenêtre salle bain eau fuite robinet"

[languages.fr.concepts]
odeur = "sent, sens, odeur/s, pue"
gaz = "gaz, butane"

[languages.fr.cues]
negation = "pas, aucun/e, sans"
through = "de, d'odeur, odeur, le, du"

[languages.fr.hazards.gas_smell]
label = "Odeur de gaz"
instructions = ["Sortez.", "Dehors, appelez {number}."]
signs = "@odeur + @gaz within 5"

[languages.en.hazards.bee_swarm]
label = "Swarm of bees"
instructions = ["Keep the windows closed."]
signs = '''
swarm of bees|wasps
bees|wasps everywhere
'''

[languages.en.cues]
harmless = "gas smell generator"
"""


def _written(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_adds_a_language_a_hazard_a_number_and_an_exception(tmp_path: Path) -> None:
    shipped = EmergencyScreen.default()
    ours = EmergencyScreen.from_file(_written(tmp_path, FRENCH))
    assert (ours.name, ours.version) == ("ours", "1")
    assert list(ours.languages) == ["en", "es", "fr"]
    assert ours.sha256 != shipped.sha256

    (one,) = ours.screen("Ça sent le gaz dans la cuisine", country="XK").emergencies
    assert (one.kind, one.label, one.language) == ("gas_smell", "Odeur de gaz", "fr")
    assert one.instructions == ("Sortez.", "Dehors, appelez 112.")
    assert ours.screen("il y a une odeur de gaz").emergencies[0].instructions[1] == (
        "Dehors, appelez le numéro d'urgence."
    )
    assert ours.screen("pas d'odeur de gaz dans la cuisine").status == "clear"
    assert ours.screen("la porte de la cuisine ne ferme pas").language == "fr"
    assert ours.screen("la porte ne ferme pas", language="fr-BE").status == "clear"

    (bees,) = ours.screen("there are wasps everywhere", reply_in="fr").emergencies
    assert (bees.kind, bees.label) == ("bee_swarm", "Swarm of bees")
    assert ours.screen("our gas smell generator is for training").status == "clear"
    assert ours.screen("I smell gas").status == "emergency"
    assert shipped.screen("there are wasps everywhere").status == "clear"


def test_a_file_may_be_laid_over_another_screen(tmp_path: Path) -> None:
    first = EmergencyScreen.from_file(_written(tmp_path, FRENCH))
    more = '[languages.fr.hazards.gas_smell]\nlabel = "Gaz"\nsigns = "fuite de gaz"\n'
    second = EmergencyScreen.from_file(_written(tmp_path, more), over=first)
    assert (second.name, second.version) == ("ours", "1")
    for text in ("ça sent le gaz", "fuite de gaz"):
        (one,) = second.screen(text).emergencies
        assert (one.label, one.instructions[0]) == ("Gaz", "Sortez.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("colour = 1", "colour: there is no such name; use one of name, version"),
        ("name = 3", "name: this is missing or no text"),
        ("hazards = 3", "hazards: this is no table"),
        ("[hazards]\nfire = true", "hazards.fire: this is no rank"),
        ("[hazards]\nBees = 3", "hazards.Bees: a kind is small letters"),
        ("[numbers]\nusa = {}", "numbers.usa: a country is two capital letters"),
        ('[numbers]\nUS = { number = "nine" }', "numbers.US.number: "),
        ("[languages.French]\nname = 'x'", "languages.French: a language is its code"),
        ("[languages.fr]\nname = 'x'", "languages.fr.emergency_number: this is missing"),
        ("[languages.en]\nwords = 'x'", "languages.en.words: there is no such name"),
        ("[languages.en.cues]\nnever = 'x'", "there is no cue 'never'; use one of negation"),
        ("[languages.en.hazards.bees]\nlabel = 'x'", "it has no rank; write bees = 40"),
        ("[languages.en.hazards.fire]\nlabel = 3", "languages.en.hazards.fire.label"),
        ("[languages.en.hazards.fire]\nsigns = 'a + b'", "`+` and `within` go together"),
        ("[languages.en.hazards.fire]\nsigns = '@x y'", "names a concept @x; there is smell"),
        ("[languages.en.hazards.fire]\nsigns = 'a b|?'", "has a choice that is no word"),
        ("[languages.en.hazards.fire]\nsigns = 'a *x b'", "'*x' is no gap; write * or *3"),
        ("[languages.en.hazards.fire]\nsigns = 'a #1 b'", "is no range of numbers"),
        ("[languages.en.hazards.fire]\nsigns = '*3'", "a pattern needs a word"),
        ("[languages.en.hazards.fire]\nsigns = 'a b + c within 3'", "is one element"),
        ("[languages.en.hazards.fire]\nsigns = 'a? + c within 3'", "may not be left out"),
        ("[languages.en.cues]\nnegation = '*2 no'", "a cue begins with a word"),
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


def test_a_screen_without_a_language_or_with_an_unranked_hazard_is_refused() -> None:
    raw = EmergencyScreen.default().model_dump()
    with pytest.raises(ValueError, match="needs a language"):
        EmergencyScreen.model_validate(raw | {"languages": {}})
    with pytest.raises(ValueError, match="has no rank"):
        EmergencyScreen.model_validate(raw | {"hazards": {"fire": 1}})
