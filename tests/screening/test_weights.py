"""The weights: which table is used, and how it does on phrases that nothing was fitted to."""

from pathlib import Path

import pytest

from inspectiq import EmergencyScreen, screen
from inspectiq.screening.judging import weights_of
from inspectiq.screening.lexicon import BREAK, END, Reading
from inspectiq.screening.weighing import LONGEST, Weights, windows

PHRASES = Path(__file__).parent.parent.parent / "benchmarks" / "phrases"
# What was measured when the weights were fitted, less some room for a fit anew.
LEAST_FOUND, MOST_FALSE = 0.90, 0.06


def _read(text: str) -> list[Reading]:
    marks = {".": END, ",": BREAK}
    return [marks.get(word) or Reading(word) for word in text.split()]


@pytest.mark.parametrize("language", ["en", "es"])
def test_phrases_that_nothing_was_fitted_to_are_mostly_told_apart(language: str) -> None:
    text = (PHRASES / f"{language}_held_out.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t", 1) for line in text.splitlines() if line and line[0] != "#"]
    told = {kind: [words for key, words in lines if key == kind] for kind in ("emergency", "none")}
    found = {
        kind: sum(screen(words).status == "emergency" for words in texts) / len(texts)
        for kind, texts in told.items()
    }
    assert found["emergency"] >= LEAST_FOUND
    assert found["none"] <= MOST_FALSE


def test_the_held_out_phrases_are_not_among_those_that_were_fitted() -> None:
    for language in ("en", "es"):
        held = (PHRASES / f"{language}_held_out.tsv").read_text(encoding="utf-8").splitlines()[1:]
        for name in (language, f"{language}_tuned"):
            fitted = (PHRASES / f"{name}.tsv").read_text(encoding="utf-8").splitlines()[1:]
            texts = {line.split("\t", 1)[1] for line in fitted}
            assert not texts & {line.split("\t", 1)[1] for line in held}


def test_a_language_names_its_table_by_content_and_an_unknown_one_is_an_error() -> None:
    english = EmergencyScreen.default().languages["en"]
    assert weights_of(english) is weights_of(english)
    assert weights_of(english.model_copy(update={"weights": ""})) is None
    with pytest.raises(LookupError, match="no table of weights"):
        weights_of(english.model_copy(update={"weights": "0" * 64}))


TABLE = """# made up
bias\t\t-1.0
alarm\t\t0.5
sign\t\t2.0
words\tgas\t0.5
told\tgas\t1.0
pairs\tno gas\t-2.0
told pairs\tsmell gas\t0.7
apart\tsmell strong\t0.2
fire\t\t0.1
fire\tflame\t1.0
"""


def test_what_words_add_depends_on_whether_they_are_told() -> None:
    weights = Weights.parsed(TABLE, ["ing", "s"])
    entries = list(map(weights.entry, _read("smelling gas . no gas")))
    stems = [stem for stem, *_ in entries]
    assert stems == ["smell", "gas", ".", "no", "gas"]
    told = weights.sums(stems, [True] * 5)
    quick, ends = weights.first_look(entries)
    assert quick == pytest.approx(told)
    assert ends == [2]
    assert told[2] - told[0] == pytest.approx(0.5 + 1.0 + 0.7)
    denied = weights.sums(stems, [True, True, True, True, False])
    assert denied[5] - denied[3] == pytest.approx(0.5 - 2.0)


def test_features_are_what_the_sums_add_up() -> None:
    weights = Weights.parsed(TABLE, [])
    stems, told = ["smell", "", "strong", "gas"], [True] * 4
    named = dict.fromkeys(weights.features(stems, told, (0, 4)))
    assert ("told pairs", "strong gas") in named
    assert ("apart", "smell gas") in named
    assert ("words", "") not in named


def test_every_sentence_stands_alone_and_with_the_next_one() -> None:
    assert windows([2, 5], 7) == [(0, 2), (3, 5), (6, 7), (0, 5), (3, 7)]  # a b . c d . e
    assert windows([], 0) == []
    long = windows([], 100)
    assert all(last - first <= LONGEST for first, last in long)
    assert {at for first, last in long for at in range(first, last)} == set(range(100))


def test_a_kind_is_told_by_its_words() -> None:
    weights = Weights.parsed(TABLE, [])
    assert weights.by_kind(["flame", "."], [True, True], (0, 2)) == {"fire": 1100}
    assert weights.by_kind(["flame"], [False], (0, 1)) == {"fire": 100}
