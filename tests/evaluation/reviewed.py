"""Reviewed results of a simulated engine, which is surer of its findings than it should be."""

from collections.abc import Sequence
from math import exp, log
from typing import Any

import numpy as np

from tests.evaluation.made import TYPES, make_finding, make_result


def make_reviewed(
    type: str,
    confidence: float | None,
    decision: str,
    /,
    *,
    id: str,
    times: int = 1,
    **more: Any,
) -> dict[str, Any]:
    found = make_finding(type, "p1", id=id, observed={"confidence": confidence})
    review = {"decision": decision, "before": found}
    return {**found, "reviews": [review] * times, **more}


def simulate_overconfident(
    seed: int,
    *,
    properties: int = 60,
    findings: int = 20,
    types: Sequence[str] = TYPES,
    model: str = "scripted",
) -> list[dict[str, Any]]:
    """Simulates an engine that states .8 on average and is right in half of its findings.

    Types and properties differ in how often it is right.
    """
    generator = np.random.default_rng(seed)
    results = []
    for place in range(properties):
        lean = generator.normal(0.0, 0.5)
        found = []
        for number in range(findings):
            kind = int(generator.integers(len(types)))
            stated = min(max(round(float(generator.beta(8, 2)), 2), 0.01), 0.99)
            truth = 1.2 * log(stated / (1 - stated)) - 2.6 + lean + 0.4 * kind
            right = generator.random() < 1 / (1 + exp(-truth))
            decision = "accepted" if right else "rejected"
            found.append(make_reviewed(types[kind], stated, decision, id=f"f{number}"))
        results.append(make_result(f"c{place}", found, model=model))
    return results
