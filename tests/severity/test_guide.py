"""The guide lists every number with its source and mark, as the data files have them."""

from pathlib import Path

import pytest

from inspectiq.severity import SeverityProfile
from inspectiq.severity._nspire import read_weights
from inspectiq.severity._profile_files import PROFILES

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "severity.md"
LINES = GUIDE.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", PROFILES)
def test_every_time_limit_is_in_the_guide(name: str) -> None:
    expected = [
        f"| `{name}` | {level.key} | {limit.action} | {limit.after or 'not known'} | "
        f"`{limit.clock}` | {limit.source} | {limit.mark} |"
        for level in SeverityProfile.named(name).levels
        for limit in level.deadlines
    ]
    assert set(expected) <= set(LINES)


@pytest.mark.parametrize("name", PROFILES)
def test_every_threshold_is_in_the_guide(name: str) -> None:
    thresholds = SeverityProfile.named(name).thresholds
    house = SeverityProfile.named("house").thresholds
    for key, threshold in thresholds.items():
        if name == "house" or threshold != house[key]:
            assert (
                f"| `{name}` | `{key}` | {threshold.value:g} | {threshold.unit} | "
                f"{threshold.source} | {threshold.mark} |"
            ) in LINES


def test_every_weight_is_in_the_guide() -> None:
    table = read_weights()
    for area, weights in table.weights.items():
        assert f"| {area} | {' | '.join(map(str, weights.values()))} |" in LINES
    assert any(f"Source: {table.source}, mark {table.mark}." in line for line in LINES)


def test_rules_floors_and_caps_are_our_assumption_as_the_guide_says() -> None:
    for name in PROFILES:
        profile = SeverityProfile.named(name)
        for sourced in (
            *profile.rules,
            *profile.floors.values(),
            *profile.caps.values(),
            *profile.proposals.values(),
        ):
            assert sourced.cite == "our assumption [A]"
