"""Reads the numbers that the crack rules work with from cracks.toml beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class WorkingSize:
    """The size pictures are worked at: px of the longer side, most that small ones are enlarged."""

    long_side: int
    max_enlargement: float


@dataclass(frozen=True, slots=True)
class RidgeFilter:
    """The ridge filter: noise window (share), noise floor (log), hysteresis thresholds (ratios)."""

    noise_share: float
    noise_floor: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LinkRules:
    """Which lines belong to one crack: gaps and lengths as shares of the long side, and ratios."""

    gap: float
    cosine: float
    branch_gap: float
    branch_length: float
    branch_contrast: float
    joint_length: float


@dataclass(frozen=True, slots=True)
class LineRules:
    """Limits on `LineEvidence`; a line outside any of them is no crack."""

    min_length: float
    max_detour: float
    min_wander: float
    max_wander: float
    max_bow: float
    max_ruled: float
    max_imbalance: float
    min_dominance: float
    min_alone: float


@dataclass(frozen=True, slots=True)
class LineWeights:
    """Weights of the logistic regression that scores a line by its `LineEvidence`."""

    intercept: float
    log_length: float
    log_wander: float
    smooth: float
    alone: float


@dataclass(frozen=True, slots=True)
class Coefficients:
    """All numbers of cracks.toml."""

    version: str
    picture: WorkingSize
    valley: RidgeFilter
    link: LinkRules
    rules: LineRules
    weights: LineWeights
    flag: float


@cache
def load_coefficients() -> Coefficients:
    """Reads the coefficients that ship with the package, once."""
    text = files("inspectiq.transports._offline").joinpath("cracks.toml").read_text("utf-8")
    table = tomllib.loads(text)
    return Coefficients(
        version=table["version"],
        picture=WorkingSize(**table["picture"]),
        valley=RidgeFilter(**table["valley"]),
        link=LinkRules(**table["link"]),
        rules=LineRules(**table["rules"]),
        weights=LineWeights(**table["weights"]),
        flag=table["decision"]["flag"],
    )
