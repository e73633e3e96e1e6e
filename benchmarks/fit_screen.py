"""Fits the weights of the emergency screen to phrases, and measures it on phrases held out.

    pip install scikit-learn
    python benchmarks/fit_screen.py en

It reads `benchmarks/phrases/en.tsv`, `en_tuned.tsv` (what the signs were tuned on: there, signs are
left out, or they would be trusted too much) and `en_held_out.tsv` (only measured), and writes
`en.tsv` among the languages of the screen, with its hash into `en.toml`.

A line of phrases is a kind, a tab and a text; the kind is that of an emergency, `emergency` for one
of no stated kind, or `none`. All phrases were written for this purpose, none by a tenant, so what
is measured here says how the screen does on such phrases and not how it does on real ones.

The weights are those of a logistic regression over the words of a text and over the signs that
count in it. Each harmless phrase also stands with another one, as people tell of two things.
Long texts take part with the stretch that reads most like an emergency. The alarm is set where
a few in a hundred of the harmless phrases of a cross-validation raise one.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from inspectiq import EmergencyScreen
from inspectiq.screening import emergencies
from inspectiq.screening.engine import Engine
from inspectiq.screening.weighing import Weights

LEAST_TEXTS = 3  # that a feature stands in
LEAST_WEIGHT = 0.05  # of a feature that is kept
LEAST_KIND_WEIGHT = 0.15
STRENGTH = 5.0  # of the regression: the inverse of its regularisation; 0.3 to 10 were tried
FALSE_ALARMS = {"en": 0.06, "es": 0.05}  # of the harmless phrases in cross-validation
FOLDS = 5
ROUNDS = 3  # in which the stretch of a long text is chosen
SEED = 7
HERE = Path(__file__).parent / "phrases"

Line = tuple[str, str]
Features = Counter[tuple[str, str]]


class Phrases:
    """Phrases as features of their stretches.

    Args:
        lines: Kind and text of each.
        language: Their language.
        without_signs: So many of the first are taken as if no sign were known.
    """

    def __init__(self, lines: Sequence[Line], language: str, without_signs: int = 0) -> None:
        screen = EmergencyScreen.default()
        plain = [one.model_copy(update={"weights": ""}) for one in screen.languages.values()]
        place = list(screen.languages).index(language)
        blank = [Weights.parsed("", one.endings) for one in plain]
        engine = Engine(plain, blank)
        self.lines = lines
        self.harmful = np.array([kind != "none" for kind, _ in lines])
        self.stretches: list[list[Features]] = []
        self.told: list[list[str]] = []
        self.signs: list[list[str]] = []
        for number, (_, text) in enumerate(lines):
            read = engine.read(engine.taken_apart(text), place)
            found, stretches = [], read.windows()
            told = read.told(stretches)
            for window in stretches:
                features = Counter(blank[place].features(read.stems, told, window))
                if number >= without_signs and read.within(window):
                    features["sign", ""] = 1
                found.append(features)
            self.stretches.append(found or [Counter()])
            both = zip(read.stems, told, strict=True)
            self.told.append([stem for stem, is_told in both if is_told and stem.strip(".")])
            self.signs.append(list(read.signs))


class Model:
    """A regression on some of the phrases: the harmless ones, and the worst of each harmful one."""

    def __init__(self, phrases: Phrases, singles: Sequence[int], doubles: Sequence[int]) -> None:
        places = [*singles, *doubles]
        seen = Counter(
            name for at in singles for stretch in phrases.stretches[at] for name in stretch
        )
        self.known = {name for name, times in seen.items() if times >= LEAST_TEXTS}
        self.vectors = DictVectorizer()
        self.vectors.fit([dict.fromkeys(self.known, 1)])
        self.regression: Any = None
        for _ in range(ROUNDS):
            chosen: list[Features] = []
            labels: list[bool] = []
            for at in places:
                stretches = phrases.stretches[at]
                if phrases.harmful[at] and len(stretches) > 1:
                    if self.regression is None:
                        continue
                    stretches = [stretches[int(np.argmax(self._values(stretches)))]]
                chosen += stretches
                labels += [bool(phrases.harmful[at])] * len(stretches)
            regression = LogisticRegression(C=STRENGTH, max_iter=3000, class_weight="balanced")
            self.regression = regression.fit(self._rows(chosen), labels)

    def scores(self, phrases: Phrases, places: Sequence[int]) -> Any:
        return np.array([self._values(phrases.stretches[at]).max() for at in places])

    def table(self, alarm: float) -> Iterator[str]:
        """Family, key and weight of each feature that matters."""
        yield f"bias\t\t{self.regression.intercept_[0]:.3f}"
        yield f"alarm\t\t{alarm:.3f}"
        weights = zip(self.vectors.feature_names_, self.regression.coef_[0], strict=True)
        for (family, key), value in sorted(weights):
            if abs(value) >= LEAST_WEIGHT:
                yield f"{family}\t{key}\t{value:.2f}"

    def _values(self, stretches: Sequence[Features]) -> Any:
        return self.regression.decision_function(self._rows(stretches))

    def _rows(self, stretches: Sequence[Features]) -> Any:
        return self.vectors.transform(
            [{name: n for name, n in one.items() if name in self.known} for one in stretches]
        )


def kinds(phrases: Phrases) -> Iterator[str]:
    """Weights that tell the kinds apart, from the phrases whose kind is known."""
    labelled = []
    for (kind, _), signs, told in zip(phrases.lines, phrases.signs, phrases.told, strict=True):
        if kind == "emergency" and len(signs) == 1:
            labelled.append((signs[0], dict.fromkeys(told, 1)))
        elif kind not in ("none", "emergency"):
            labelled.append((kind, dict.fromkeys(told, 1)))
    names, texts = zip(*labelled, strict=True)
    vectors = DictVectorizer()
    model = LogisticRegression(max_iter=3000, class_weight="balanced")
    model.fit(vectors.fit_transform(texts), names)
    for kind, bias, row in zip(model.classes_, model.intercept_, model.coef_, strict=True):
        yield f"{kind}\t\t{bias:.2f}"
        for stem, value in zip(vectors.feature_names_, row, strict=True):
            if abs(value) >= LEAST_KIND_WEIGHT:
                yield f"{kind}\t{stem}\t{value:.2f}"


def read_lines(name: str) -> list[Line]:
    text = (HERE / f"{name}.tsv").read_text(encoding="utf-8")
    parts = [line.split("\t", 1) for line in text.splitlines() if line and line[0] != "#"]
    return [(kind, words) for kind, words in parts]


def doubled(lines: Sequence[Line], places: Sequence[int]) -> list[Line]:
    """Each harmless phrase of some places with another one of these, also as a ticket has it."""
    harmless = [lines[at][1] for at in places if lines[at][0] == "none"]
    others = [*harmless[1:], *harmless[:1]]
    return [
        ("none", f"{other}. {text}" if number % 2 else f"Unit {number}: {other}. {text}. Thanks")
        for number, (other, text) in enumerate(zip(others, harmless, strict=True))
    ]


def keep(table: str, language: str) -> None:
    """Writes the table, and its hash into the language's file."""
    folder = Path(emergencies.__file__).parent / "languages"
    (folder / f"{language}.tsv").write_text(table, encoding="utf-8")
    sha256 = hashlib.sha256(table.encode()).hexdigest()
    file = folder / f"{language}.toml"
    text = re.sub(
        'weights = "[0-9a-f]*"', f'weights = "{sha256}"', file.read_text("utf-8"), count=1
    )
    file.write_text(text, encoding="utf-8")
    print(f"{language}.tsv: {len(table.splitlines())} lines, {len(table) / 1000:.0f} kB")


def told(name: str, scores: Any, harmful: Any, alarm: float) -> None:
    found, false = (scores[harmful] >= alarm).mean(), (scores[~harmful] >= alarm).mean()
    print(f"{name}, {len(scores)} phrases: {found:.1%} found, {false:.1%} false alarms")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("language", choices=("en", "es"))
    given = parser.parse_args()

    tuned = read_lines(f"{given.language}_tuned")
    lines = [*tuned, *read_lines(given.language)]
    order = list(range(len(lines)))
    random.Random(SEED).shuffle(order)
    folds = [order[fold::FOLDS] for fold in range(FOLDS)]
    more = [doubled(lines, fold) for fold in folds]
    everything = [*lines, *(line for fold in more for line in fold)]
    phrases = Phrases(everything, given.language, without_signs=len(tuned))
    ends = np.cumsum([len(lines), *map(len, more)])
    doubles = [range(first, last) for first, last in pairwise(ends)]

    outside = np.zeros(len(lines))
    for fold, test in enumerate(folds):
        train = [at for other, places in enumerate(folds) if other != fold for at in places]
        twice = [at for other, places in enumerate(doubles) if other != fold for at in places]
        outside[test] = Model(phrases, train, twice).scores(phrases, test)
    harmful = phrases.harmful[: len(lines)]
    alarm = float(np.quantile(outside[~harmful], 1 - FALSE_ALARMS[given.language]))
    told("cross-validation", outside, harmful, alarm)
    model = Model(phrases, order, [at for places in doubles for at in places])
    told("its own phrases", model.scores(phrases, range(len(lines))), harmful, alarm)
    head = "# Fitted by benchmarks/fit_screen.py; see there. Not to be edited by hand."
    keep("\n".join([head, *model.table(alarm), *kinds(phrases)]) + "\n", given.language)
    held = Phrases(read_lines(f"{given.language}_held_out"), given.language)
    told("held out", model.scores(held, range(len(held.lines))), held.harmful, alarm)


if __name__ == "__main__":
    main()
