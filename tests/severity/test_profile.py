import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from inspectiq import ConfigError, SeverityPolicy
from inspectiq.severity import SeverityProfile, TimeLimit
from tests.severity.cases import finding

LEVELS = """
[[levels]]
key = "fine"
label = "Fine"
rank = 1
colour = "#00b000"

[[levels]]
key = "bad"
label = "Bad"
rank = 2
colour = "#b00000"
deadlines = [{ action = "mend", clock = "reported_at", after = { days = 3 } }]
"""


def _written(folder: Path, text: str, name: str = "ours.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["house", "nspire", "nspire_hcv", "awaab", "asap"])
def test_every_number_of_a_shipped_profile_has_a_source_and_a_mark(name: str) -> None:
    profile = SeverityProfile.named(name)
    assert profile.name == name
    limits: list[TimeLimit] = [limit for level in profile.levels for limit in level.deadlines]
    for sourced in (
        profile,
        *limits,
        *profile.thresholds.values(),
        *profile.rules,
        *profile.floors.values(),
        *profile.caps.values(),
        *profile.proposals.values(),
    ):
        assert sourced.source
        assert sourced.mark in ("V", "S", "A")


def test_how_proposals_map_is_our_assumption_everywhere() -> None:
    for name in ("nspire", "nspire_hcv", "awaab", "asap"):
        proposals = SeverityProfile.named(name).proposals
        assert list(proposals) == ["low", "medium", "high", "critical"]
        assert {item.mark for item in proposals.values()} == {"A"}


def test_an_unknown_profile_names_the_choices() -> None:
    with pytest.raises(ConfigError, match="no severity profile 'hhsrs'; use one of house, nspire"):
        SeverityProfile.named("hhsrs")


def test_a_file_of_ones_own_is_a_profile(tmp_path: Path) -> None:
    path = _written(tmp_path, 'name = "ours"\nversion = "1"\n' + LEVELS)
    policy = SeverityPolicy.from_file(path)
    assert policy.grade(finding("clog", "bad")).label == "Bad"
    assert policy.cite == "our assumption [A]"
    twin = _written(tmp_path, policy.model_dump_json(), "ours.json")
    assert SeverityPolicy.from_file(str(twin)).sha256 == policy.sha256


def test_a_file_may_build_on_a_shipped_profile(tmp_path: Path) -> None:
    path = _written(
        tmp_path,
        """
        base = "awaab"
        name = "ours"
        version = "1"

        [thresholds]
        review_below = { value = 0.7, unit = "share" }

        [floors]
        damp = { level = "emergency", source = "board minute 12", mark = "V" }

        [[rules]]
        id = "heating"
        when = { types = ["no_heat"] }
        at_least = "emergency"
        """,
    )
    ours, awaab = SeverityPolicy.from_file(path), SeverityPolicy.of("awaab")
    assert ours.rules[0].id == "heating"
    assert len(ours.rules) == len(awaab.rules)
    assert ours.levels == awaab.levels
    assert ours.effective_from is None
    assert ours.thresholds["mold_sq_ft"] == awaab.thresholds["mold_sq_ft"]
    severity = ours.grade(finding("damp", "low", confidence=0.6))
    assert (severity.level, severity.source) == ("emergency", "board minute 12 [V]")
    assert ours.grade(finding("no_heat")).level == "emergency"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('name = "ours"\nversion = =\n', r"ours\.toml: this is not TOML: .*line 2"),
        ('base = "hhsrs"', r"ours\.toml: base: there is no severity profile 'hhsrs'"),
        (
            'version = "1"\n' + LEVELS,
            r"ours\.toml: name: Field required; see 'A profile of your own' in the sev",
        ),
        ('name = "ours"\nversion = "1"\nlevels = []', r"ours\.toml: levels: "),
        (
            'name = "ours"\nversion = "1"\ncolor = "x"\n' + LEVELS,
            r"ours\.toml: color: Extra inputs .*; use source, mark, name, .*floors, caps; see",
        ),
        (
            'name = "ours"\nversion = "1"\n' + LEVELS.replace("days = 3", "day = 3"),
            r"after\.day: Extra inputs .*; use hours, days, working_days, weeks; see",
        ),
        (
            'base = "house"\nname = "ours"\nversion = "1"\nthresholds = { review_below = 0.6 }',
            r'thresholds\.review_below: .*; write \{ value = 0\.6, unit = "share" \}; see',
        ),
        (
            'base = "house"\nname = "ours"\nversion = "1"\n' + LEVELS,
            r"names the level '\w+'; there is fine, bad; it comes from the base 'house': .*propos",
        ),
        (
            'base = "awaab"\nname = "ours"\nversion = "1"\n' + LEVELS,
            r"the proposal 'low' must stand for .*; it comes from the base 'awaab': say in \[propo",
        ),
        (
            'base = "house"\nname = "ours"\nversion = "1"\nfloors = { clog = "dire" }\n',
            r"the floor of 'clog' names the level 'dire'; there is low, medium, high, critical; s",
        ),
        (
            'name = "ours"\nversion = "1"\n' + LEVELS.replace("days = 3", "days = 3, weeks = 1"),
            r"levels\.1\.deadlines\.0\.after: .*give one of hours, days",
        ),
        (
            'name = "ours"\nversion = "1"\n' + LEVELS.replace("rank = 2", "rank = 3"),
            "without a gap",
        ),
        (
            'name = "ours"\nversion = "1"\neffective_from = 2026-02-01\n'
            "effective_to = 2026-01-01\n" + LEVELS,
            "effective_to is before effective_from",
        ),
        (
            'base = "house"\nname = "ours"\nversion = "1"\n'
            '[[rules]]\nid = "mine"\nat_least = "dire"',
            r"ours\.toml: the whole: .*rule 'mine' names the level 'dire'",
        ),
        (
            'base = "house"\nname = "ours"\nversion = "1"\nrules = 3',
            r"ours\.toml: rules: ",
        ),
        (
            'base = "house"\nname = "ours"\nversion = "1"\nproposals = { high = "low" }',
            "the proposal 'high' must stand for a level of the profile, and for itself",
        ),
        (
            'name = "ours"\nversion = "1"\nproposals = { low = "bad", high = "fine" }\n' + LEVELS,
            "a worse proposal may not stand for a milder level",
        ),
        (
            'name = "ours"\nversion = "1"\n' + LEVELS + '[[rules]]\nid = "a"\nlevel = "bad"\n'
            '[[rules]]\nid = "a"\nlevel = "fine"\n',
            "two rules share the id 'a'",
        ),
    ],
)
def test_a_wrong_file_says_where_and_how_to_mend_it(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(ConfigError, match=match):
        SeverityProfile.from_file(_written(tmp_path, text))


def test_a_file_that_is_missing_or_no_text_or_no_table_is_a_config_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: the severity profile cannot be read"):
        SeverityProfile.from_file(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"bytes\.toml: .* not UTF-8"):
        SeverityProfile.from_file(tmp_path / "bytes.toml")
    with pytest.raises(ConfigError, match=r"list\.json: this is no table"):
        SeverityProfile.from_file(_written(tmp_path, "[]", "list.json"))
    with pytest.raises(ConfigError, match=r"wrong\.json: this is not JSON"):
        SeverityProfile.from_file(_written(tmp_path, "{", "wrong.json"))


@pytest.mark.parametrize(
    ("as_of", "match"),
    [
        (date(2025, 12, 31), "from 2026-01-01 to 2026-06-30, and 2025-12-31 is before that; choos"),
        (date(2026, 7, 1), "2026-07-01 is after that; second follows it; choose the profile"),
    ],
)
def test_outside_its_dates_a_profile_names_them_and_what_follows(as_of: date, match: str) -> None:
    raw: dict[str, Any] = json.loads(SeverityPolicy.default().model_dump_json())
    raw |= {"name": "first", "successor": "second"}
    raw |= {"effective_from": "2026-01-01", "effective_to": "2026-06-30"}
    policy = SeverityPolicy.model_validate(raw)
    for day in (date(2026, 1, 1), date(2026, 6, 30), None):
        assert policy.grade(finding("clog", "low"), as_of=day).level == "low"
    with pytest.raises(ConfigError, match=match):
        policy.grade(finding("clog", "low"), as_of=as_of)
