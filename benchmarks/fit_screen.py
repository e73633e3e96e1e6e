"""Fits the weights of the emergency screen to the phrases in `benchmarks/phrases/train`.

    pip install scikit-learn
    python benchmarks/fit_screen.py en

It reads the files `*_en.tsv`, and writes `en.json` among the languages of the screen, with its hash
into `en.toml`. Nothing else is ever fitted to; what judges the screen lies in `phrases/judged`.

The weights are those of a logistic regression over the features of each whole text, in which each
feature counts by how rare it is and each text is made as long as any other. The features that
matter least are left out, and the rest is fitted again. The alarm is set where so many in a hundred
of the harmless texts raise one in a cross-validation, in which each file (the work of one writer)
is judged by weights that were fitted to all others. The kinds have a regression each, over the
texts that tell of an emergency. Nothing in it is random, so it needs no seed.

All phrases were invented, none is a tenant's, so what is measured here says how the screen does on
such phrases and not how it does on real ones.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import diags
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from inspectiq._words import Word, extract_features, split_parts, split_sentences, tokenize
from inspectiq.screening import EmergencyScreen
from inspectiq.screening._judging import read_messages

FALSE_ALARMS = 0.06  # of the harmless texts, in cross-validation
LENGTH = 100  # of a text besides its features, so that few weigh little; 0 to 600 were tried
SENTENCE = 0.35  # of the score that the likeliest part has; 0.1 to 0.6 were tried
ALONE = 0.7  # of the logarithm of the number of parts, for one to decide; 0.3 to 1.1 were tried
LEAST_TEXTS = 3  # that a feature stands in
FEATURES, KIND_FEATURES = 24_000, 700  # that are kept, in all and for each kind
RARE = 2.5  # power of a feature's rarity; 1 to 3 were tried
STRENGTH, KIND_STRENGTH = 5.0, 10.0  # of the regressions: the inverse of their regularisation
NOT_JUDGED = ("phrases", "short")  # files that are many and easy
SHORT = 0.5  # weight of each of their texts
KIND_SHARE = 0.27  # probability from which a further kind is told; 0.08 to 0.5 were tried
HERE = Path(__file__).parent / "phrases" / "train"


class Texts:
    """Reads all texts of a language, as features of the whole and of each of their parts."""

    def __init__(self, language: str, screen: EmergencyScreen) -> None:
        self.kinds: list[list[str]] = []
        words: list[list[Word]] = []
        self.file: Any = []
        names = sorted(HERE.glob(f"*_{language}.tsv"))
        for number, file in enumerate(names):
            for message in read_messages(file, screen):
                self.kinds.append(list(message.kinds))
                words.append(tokenize(message.text))
                self.file.append(number)
        self.names = [file.stem for file in names]
        self.file = np.array(self.file)
        self.told = np.array([bool(kinds) for kinds in self.kinds])
        short = np.array([name.startswith(NOT_JUDGED) for name in self.names])
        self.weight = np.where(short[self.file], SHORT, 1.0)
        counted = CountVectorizer(analyzer=extract_features, binary=True, min_df=LEAST_TEXTS)
        self.whole = counted.fit_transform(words).astype(float)
        spans = [
            (at, span)
            for at, said in enumerate(words)
            for span in split_parts(split_sentences(said))
        ]
        self.owner = np.array([at for at, _ in spans])
        self.parts = counted.transform(words[at][slice(*span)] for at, span in spans).astype(float)
        self.features = counted.get_feature_names_out()


class Model:
    """A regression on some of the texts."""

    def __init__(self, texts: Texts, chosen: Any) -> None:
        often = np.asarray(texts.whole[chosen].sum(0)).ravel()
        rarity = np.round(np.log1p(chosen.sum() / np.maximum(often, 1)) ** RARE)
        rarity[often < LEAST_TEXTS] = 0
        self.kept: Any = np.arange(len(rarity))
        self.rarity = rarity
        self.fit(texts, chosen)
        matters = np.abs(self.weights) * rarity * np.sqrt(often)
        matters[[name.isalpha() for name in texts.features] & (often >= LEAST_TEXTS)] += 1e9
        self.kept = np.sort(np.argsort(-matters)[:FEATURES])
        self.rarity = rarity[self.kept]
        self.often = often[self.kept]
        self.fit(texts, chosen)

    def fit(self, texts: Texts, chosen: Any) -> None:
        regression = LogisticRegression(C=STRENGTH, max_iter=3000, class_weight="balanced")
        regression.fit(
            self.weigh(texts.whole[chosen]), texts.told[chosen], sample_weight=texts.weight[chosen]
        )
        self.weights = regression.coef_[0]

    def weigh(self, counted: Any) -> Any:
        weighed = counted[:, self.kept] @ diags(self.rarity)
        squares = np.asarray(weighed.multiply(weighed).sum(1)).ravel()
        return diags(1 / np.sqrt(squares + LENGTH**2)) @ weighed

    def score(self, texts: Texts, chosen: Any) -> Any:
        whole = self.weigh(texts.whole) @ self.weights
        best = np.full(len(whole), -np.inf)
        np.maximum.at(best, texts.owner, self.weigh(texts.parts) @ self.weights)
        alone = best - ALONE * np.log(np.bincount(texts.owner))
        return np.maximum((1 - SENTENCE) * whole + SENTENCE * best, alone)[chosen]


class Kinds:
    """A regression for each kind, on some of the texts that tell of an emergency."""

    def __init__(self, texts: Texts, model: Model, chosen: Any, kinds: Sequence[str]) -> None:
        self.model, self.kinds = model, kinds
        known = np.array([bool(told) for told in texts.kinds]) & chosen
        rows = model.weigh(texts.whole[known])
        told = [told for told, one in zip(texts.kinds, known, strict=True) if one]
        self.weights = np.zeros((len(kinds), rows.shape[1]))
        self.biases = np.zeros(len(kinds))
        for number, kind in enumerate(kinds):
            regression = LogisticRegression(C=KIND_STRENGTH, max_iter=3000)
            regression.fit(rows, [kind in one for one in told], sample_weight=texts.weight[known])
            matters = np.abs(regression.coef_[0]) * model.rarity * np.sqrt(model.often)
            kept = np.argsort(-matters)[:KIND_FEATURES]
            self.weights[number, kept] = regression.coef_[0][kept]
            self.biases[number] = regression.intercept_[0]

    def choose(self, texts: Texts, chosen: Any) -> list[list[str]]:
        """Chooses the kinds of each text, by rank."""
        scores = self.model.weigh(texts.whole[chosen]) @ self.weights.T + self.biases
        least = math.log(KIND_SHARE / (1 - KIND_SHARE))
        return [
            [kind for at, kind in enumerate(self.kinds) if at == row.argmax() or row[at] > least]
            for row in scores
        ]


def build_table(texts: Texts, model: Model, kinds: Kinds, alarm: float) -> dict[str, Any]:
    """Builds the table that ships."""
    names, rarity = texts.features[model.kept], model.rarity
    rare: dict[str, dict[str, int]] = {}
    for at in np.lexsort((names, rarity)):
        weight = round(model.weights[at] * rarity[at])
        rare.setdefault(f"{rarity[at]:.0f}", {})[names[at]] = weight
    told: dict[str, list[Any]] = {}
    for kind, bias, row in zip(kinds.kinds, kinds.biases, kinds.weights, strict=True):
        weights = {names[at]: round(row[at] * rarity[at]) for at in np.flatnonzero(row)}
        told[kind] = [round(bias, 2), *pack(weights)]
    return {
        "made by": "benchmarks/fit_screen.py; see weights.py for the form",
        "length": LENGTH,
        "sentence": SENTENCE,
        "alone": ALONE,
        "alarm": round(alarm, 2),
        "kind": round(math.log(KIND_SHARE / (1 - KIND_SHARE)), 2),
        "rare": {rarity: pack(weights) for rarity, weights in rare.items()},
        "kinds": told,
    }


def pack(weights: dict[str, int]) -> list[Any]:
    return ["|".join(weights), [*weights.values()]]


def cross_validate(texts: Texts, kinds: Sequence[str]) -> float:
    """Cross-validates, prints what it finds, and returns what must be added for the alarm."""
    scores = np.zeros(len(texts.told))
    first = np.zeros(len(texts.told), bool)
    counted = ~np.array([name.startswith(NOT_JUDGED) for name in texts.names])[texts.file]
    for number, name in enumerate(texts.names):
        if name.startswith(NOT_JUDGED):
            continue
        own = texts.file == number
        model = Model(texts, ~own)
        scores[own] = model.score(texts, own)
        told = Kinds(texts, model, ~own, kinds).choose(texts, own)
        right = zip(told, (texts.kinds[at] for at in np.flatnonzero(own)), strict=True)
        first[own] = [bool(kinds) and said[0] == kinds[0] for said, kinds in right]
    alarm = -float(np.quantile(scores[counted & ~texts.told], 1 - FALSE_ALARMS))
    found = scores + alarm > 0
    alone = [(name, texts.file == number) for number, name in enumerate(texts.names)]
    for name, own in [*alone, ("all", counted)]:
        if (own & counted).any():
            print(
                f"{name:14} found {found[own & texts.told].mean():6.1%}  "
                f"false {found[own & ~texts.told].mean():6.1%}  "
                f"right kind first {first[own & texts.told & found].mean():6.1%}"
            )
    return alarm


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("language", choices=("en", "es"))
    language = arguments.parse_args().language
    screen = EmergencyScreen.default()
    texts = Texts(language, screen)
    print(Counter(texts.told.tolist()), texts.whole.shape)
    kinds = sorted(screen.kinds, key=lambda kind: screen.kinds[kind].rank)
    alarm = cross_validate(texts, kinds)
    everything = np.full(len(texts.told), True)
    model = Model(texts, everything)
    made = build_table(texts, model, Kinds(texts, model, everything, kinds), alarm)
    content = json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n"
    folder = Path(str(files("inspectiq.screening"))) / "languages"
    (folder / f"{language}.json").write_text(content, encoding="utf-8", newline="\n")
    words = folder / f"{language}.toml"
    digest = hashlib.sha256(content.encode()).hexdigest()
    text = re.sub(r'(?m)^weights = ".*"', f'weights = "{digest}"', words.read_text("utf-8"))
    words.write_text(text, encoding="utf-8", newline="\n")
    size = len(zlib.compress(content.encode(), 6))
    print(f"{len(content) / 1000:.0f} kB, {size / 1000:.0f} kB packed, {digest}")


if __name__ == "__main__":
    main()
