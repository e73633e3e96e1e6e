"""The weights: which table is used, what it says, and that form does not matter to it."""

import json
import math
import random
import re
import unicodedata
from pathlib import Path

import pytest

from inspectiq import screen
from inspectiq._words import WordSpan, tokenize
from inspectiq.screening import EmergencyScreen
from inspectiq.screening._reader import LanguageReader
from inspectiq.screening._weights import WordWeights

JUDGED = Path(__file__).parent.parent.parent / "benchmarks" / "phrases" / "judged"
MOST_LOST = 0.03

TABLE = json.dumps(
    {
        "length": 1,
        "sentence": 0.5,
        "alone": 100,
        "alarm": -40,
        "kind": 30,
        "rare": {"10": ["gas|no gas|no|smell gas", [500, -900, 0, 400]], "5": ["smell", [50]]},
        "kinds": {"gas_smell": [0, "gas", [800]], "fire": [-5, "smell", [100]]},
    }
)


def test_a_language_names_its_table_by_content_and_an_unknown_one_is_an_error() -> None:
    english = EmergencyScreen.default().languages["en"]
    assert LanguageReader(english).weights is LanguageReader(english).weights
    assert LanguageReader(english.model_copy(update={"weights": ""})).weights is None
    with pytest.raises(LookupError, match="no table of weights"):
        LanguageReader(english.model_copy(update={"weights": "0" * 64}))


def test_a_score_is_of_the_whole_and_of_the_likeliest_part() -> None:
    weights = WordWeights(TABLE)
    alone = weights.score_alarm(tokenize("smell gas"))
    assert alone.score == pytest.approx(-40 + 950 / (10**2 + 10**2 + 5**2 + 1) ** 0.5)
    assert alone.part == alone.decides == (0, 2)
    longer = weights.score_alarm(tokenize("no no. smell gas. no no."))
    assert (longer.part, longer.decides) == ((2, 4), (0, 6))
    assert 0 < longer.score < alone.score
    assert weights.score_alarm(tokenize("no gas")).score < 0


def test_a_part_that_is_sure_enough_decides_alone() -> None:
    table = json.loads(TABLE) | {"alone": 10}
    alarm = WordWeights(json.dumps(table)).score_alarm(tokenize("no gas. smell gas. no gas."))
    assert alarm.part == alarm.decides == (2, 4)
    assert alarm.score == pytest.approx(-40 + 950 / 226**0.5 - 10 * math.log(5))
    assert WordWeights(TABLE).score_alarm(tokenize("no gas. smell gas. no gas.")).score < 0


def test_the_likeliest_kind_is_told_and_others_that_are_likely() -> None:
    weights = WordWeights(TABLE)
    assert weights.choose_kinds(tokenize("smell gas"), WordSpan(0, 2)) == ["gas_smell"]
    assert weights.choose_kinds(tokenize("xyz"), WordSpan(0, 1)) == ["gas_smell"]


def test_what_weighed_most_is_told() -> None:
    weights = WordWeights(TABLE)
    words = tokenize("the smell gas and no more")
    because = weights.find_reasons(words, WordSpan(0, 6))
    assert because == [(1, 3)]
    (one,) = screen("Our hallway fills with thick smoke, we cannot see the stairs").emergencies[:1]
    assert one.because
    assert all(words in one.words for words in one.because)


def _misspelt(text: str, chance: random.Random) -> str:
    """The text with two slips a sentence: letters swapped, left out, doubled or changed."""

    def slip(word: str) -> str:
        at = chance.randrange(1, len(word) - 1)
        other = chance.choice("abcdeilnorstu")
        return chance.choice(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + other + word[at + 1 :],
            )
        )

    made = []
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        words = sentence.split(" ")
        long = [at for at, word in enumerate(words) if len(word) > 3 and word.isalpha()]
        for at in chance.sample(long, min(2, len(long))):
            words[at] = slip(words[at])
        made.append(" ".join(words))
    return " ".join(made)


def _without_accents(text: str) -> str:
    whole = unicodedata.normalize("NFD", text)
    return "".join(char for char in whole if not unicodedata.combining(char))


@pytest.mark.parametrize("language", ["en", "es"])
def test_form_does_not_matter(language: str) -> None:
    chance = random.Random(3)
    lines = [
        line.split("\t")
        for file in sorted(JUDGED.glob(f"*_{language}.tsv"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if not line.startswith(("#", "kinds\t", "none\t"))
    ]
    texts = [text for _, text in lines]

    def found(written: list[str]) -> float:
        return len([text for text in written if screen(text).emergencies]) / len(written)

    before = found(texts)
    for name, written in {
        "upper case": [text.upper() for text in texts],
        "no accents": [_without_accents(text) for text in texts],
        "no punctuation": [re.sub(r"[^\w\s]", "", text) for text in texts],
        "two slips": [_misspelt(text, chance) for text in texts],
    }.items():
        assert found(written) >= before - MOST_LOST, name
