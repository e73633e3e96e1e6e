"""The numbers the crack rules work with, read from cracks.toml beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class WorkingSize:
    """Working size: px of the longer side, and the factor small pictures grow by at most."""

    long_side: int
    max_enlargement: float


@dataclass(frozen=True, slots=True)
class RidgeFilter:
    """Ridge filter: noise window (share), noise floor (log), hysteresis thresholds (ratios)."""

    noise_share: float
    noise_floor: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LinkRules:
    """What belongs to one crack: gaps and lengths as shares of the long side, ratios."""

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
    """Logistic regression over `LineEvidence`."""

    intercept: float
    log_length: float
    log_wander: float
    smooth: float
    alone: float


@dataclass(frozen=True, slots=True)
class Coefficients:
    """All of cracks.toml."""

    version: str
    picture: WorkingSize
    valley: RidgeFilter
    link: LinkRules
    rules: LineRules
    weights: LineWeights
    flag: float


@cache
def load_coefficients() -> Coefficients:
    """Read the coefficients that are shipped with the package, once."""
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
