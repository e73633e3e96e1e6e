"""Diagnoses with no key and no network, on the descriptions that the tests keep."""

import tomllib
from pathlib import Path

import pytest

from inspectiq import Diagnosis, DiagnosisAgent, SeverityPolicy
from inspectiq.testing import block_network

DATA = Path(__file__).parent.parent / "transports" / "offline" / "data" / "descriptions.toml"
DESCRIPTIONS = tomllib.loads(DATA.read_text(encoding="utf-8"))["descriptions"]


@pytest.fixture(scope="module")
def diagnoses() -> list[Diagnosis]:
    with block_network(), DiagnosisAgent("offline") as agent:
        return [agent.diagnose(description=one["text"]) for one in DESCRIPTIONS]


def test_most_are_of_the_right_system_and_none_is_called_assessed(
    diagnoses: list[Diagnosis],
) -> None:
    right = [
        bool(diagnosis.findings) and diagnosis.findings[0].system == one["system"]
        for one, diagnosis in zip(DESCRIPTIONS, diagnoses, strict=True)
    ]
    assert len(right) >= 60
    assert sum(right) / len(right) >= 0.8
    assert {diagnosis.status for diagnosis in diagnoses} == {"partial"}
    assert {diagnosis.words.status for diagnosis in diagnoses} <= {"triaged", "unclear"}


def test_what_is_dangerous_is_at_least_as_urgent_as_it_is(diagnoses: list[Diagnosis]) -> None:
    policy = SeverityPolicy.default()
    late = []
    for one, diagnosis in zip(DESCRIPTIONS, diagnoses, strict=True):
        least = policy.find(one.get("least_level", ""))
        if least is not None and (
            diagnosis.urgency is None or diagnosis.urgency.order < least.rank
        ):
            late.append((one["text"], diagnosis.urgency and diagnosis.urgency.level))
    assert late == []


def test_words_that_fit_nothing_are_unclear_and_a_person_is_called() -> None:
    diagnosis = DiagnosisAgent("offline").diagnose(description="Hello, thank you and goodbye.")
    assert diagnosis.words.status == "unclear"
    assert diagnosis.findings == ()
    assert "a person must read them" in diagnosis.to_markdown()
