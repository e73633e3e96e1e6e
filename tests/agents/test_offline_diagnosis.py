"""Diagnoses with no key and no network, on the descriptions that the tests keep."""

import tomllib
from pathlib import Path

import pytest

from inspectiq import Diagnosis, DiagnosisAgent, SeverityPolicy
from inspectiq.testing import block_network

DATA = Path(__file__).parent.parent / "transports" / "offline" / "data"
DESCRIPTIONS = tomllib.loads((DATA / "descriptions.toml").read_text("utf-8"))["descriptions"]
JUDGED = [
    line.split("\t")
    for line in (DATA / "judged.tsv").read_text("utf-8").splitlines()
    if not line.startswith(("#", "system\t"))
]


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
    assert sum(right) / len(right) >= 0.94
    assert {diagnosis.status for diagnosis in diagnoses} == {"partial"}
    assert {diagnosis.words.status for diagnosis in diagnoses} <= {"triaged", "unclear"}


def test_most_of_what_nothing_was_tuned_on_is_of_the_right_system() -> None:
    with DiagnosisAgent("offline") as agent:
        found = [(agent.diagnose(description=text).findings, system) for system, text in JUDGED]
    assert len(found) >= 150
    right = sum(bool(findings) and findings[0].system == system for findings, system in found)
    assert right >= 0.75 * len(found)


def test_what_is_dangerous_is_at_least_as_urgent_as_it_is(diagnoses: list[Diagnosis]) -> None:
    policy = SeverityPolicy.default()
    late = []
    for one, diagnosis in zip(DESCRIPTIONS, diagnoses, strict=True):
        least = policy.find_level(one.get("least_level", ""))
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
