"""Calibrations are fitted on reviewed findings, by model and type, and judged on other properties.

All engines here are simulated or scripted.
"""

import json
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from inspectiq import ConfigError
from inspectiq.evaluation import Calibration, CalibrationMap
from inspectiq.evaluation._calibration_map import MapKey, Method, fit_maps
from inspectiq.evaluation._reliability import measure_reliability, split_properties
from inspectiq.evaluation._reviewed import Maker, Reviewed, gather_reviewed
from tests.evaluation.made import make_finding, make_result
from tests.evaluation.reviewed import make_reviewed, simulate_overconfident

MAKER = ("scripted:scripted", "inspection-1")
METHODS = get_args(Method)


def make_results(cases: int = 10, findings: int = 10, **more: Any) -> list[dict[str, Any]]:
    """Results of which each third finding was rejected, whatever its confidence."""
    return [
        make_result(
            f"c{case}",
            [
                make_reviewed(
                    "clog",
                    0.5 + n / 30,
                    "rejected" if (case + n) % 3 == 0 else "accepted",
                    id=f"f{n}",
                )
                for n in range(findings)
            ],
            **more,
        )
        for case in range(cases)
    ]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("method", METHODS)
def test_the_error_of_a_simulated_overconfident_engine_falls_by_70_percent_on_properties_held_out(
    method: Method, seed: int
) -> None:
    made = Calibration.fit(simulate_overconfident(seed), method=method).reliability[0]
    assert (made.n, made.properties) == (1_200, 60)
    assert made.stated.error > 0.25
    assert made.calibrated.error <= 0.3 * made.stated.error


@pytest.mark.parametrize("seed", range(3))
def test_it_falls_as_far_on_a_simulated_run_that_the_calibration_never_saw(seed: int) -> None:
    calibration = Calibration.fit(simulate_overconfident(seed))
    maps = {(one.basis, one.name): one for one in calibration.maps}
    fresh = gather_reviewed(simulate_overconfident(seed + 100, properties=200)).by_maker[MAKER]
    right = np.array([one.confirmed for one in fresh], dtype=float)
    before = np.array([one.stated for one in fresh])
    after = np.array([maps["type", one.type].compute(one.stated) for one in fresh])
    errors = []
    for told in (before, after):  # computed here by another way than the library's
        tenths = np.floor(told * 10)
        apart = [abs((told - right)[tenths == tenth].sum()) for tenth in set(tenths)]
        errors.append(sum(apart) / len(fresh))
    assert errors[1] <= 0.3 * errors[0]


@settings(max_examples=40, deadline=None)
@given(
    pairs=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=80),
    asked=st.lists(st.floats(0, 1), min_size=2, max_size=20),
    method=st.sampled_from(METHODS),
)
def test_a_higher_confidence_never_means_a_lower_share(
    pairs: list[tuple[float, bool]], asked: list[float], method: Method
) -> None:
    reviewed = [Reviewed("clog", "plumbing", stated, right, "a") for stated, right in pairs]
    fitted = fit_maps(MAKER, reviewed, method)["all", "all"]
    shares = [fitted.compute(stated) for stated in sorted(asked)]
    assert all(a <= b + 1e-12 for a, b in pairwise(shares))
    assert all(0 < share < 1 for share in shares)  # so many findings never make sure


def test_an_isotonic_map_is_that_of_scikit_learn_between_and_beyond_what_was_seen() -> None:
    reviewed = gather_reviewed(simulate_overconfident(1)).by_maker[MAKER]
    fitted = fit_maps(MAKER, reviewed, "isotonic")["all", "all"]
    theirs = IsotonicRegression(out_of_bounds="clip")
    theirs.fit([one.stated for one in reviewed], [one.confirmed for one in reviewed])
    asked = np.linspace(0, 1, 401)
    ours = [fitted.compute(float(stated)) for stated in asked]
    ends = 1 / (len(reviewed) + 2), (len(reviewed) + 1) / (len(reviewed) + 2)
    assert ours == pytest.approx(np.clip(theirs.predict(asked), *ends).tolist(), abs=1e-5)


def test_platts_sigmoid_finds_the_one_that_made_the_data() -> None:
    generator = np.random.default_rng(3)
    stated = generator.uniform(0.05, 0.95, 20_000)
    truth = 1 / (1 + np.exp(-(0.8 * np.log(stated / (1 - stated)) - 1.0)))
    right = generator.random(20_000) < truth
    pairs = zip(stated.tolist(), right.tolist(), strict=True)
    reviewed = [Reviewed("clog", "plumbing", one, hit, "a") for one, hit in pairs]
    fitted = fit_maps(MAKER, reviewed, "platt")["all", "all"]
    assert fitted.slope == pytest.approx(0.8, abs=0.05)
    assert fitted.intercept == pytest.approx(-1.0, abs=0.05)


def test_however_steep_it_is_no_share_is_sure() -> None:
    steep = CalibrationMap(
        model="m",
        prompt="p",
        basis="all",
        name="all",
        n=100,
        properties=10,
        confirmed=50,
        slope=1e4,
    )
    assert [steep.compute(x) for x in (0.0, 0.5, 1.0)] == pytest.approx([1 / 102, 0.5, 101 / 102])


def test_where_the_surer_findings_are_wrong_more_often_all_get_the_same_share() -> None:
    reviewed = [Reviewed("clog", "plumbing", n / 100, n < 50, "a") for n in range(100)]
    fitted = fit_maps(MAKER, reviewed, "platt")["all", "all"]
    assert fitted.slope == 0.0
    assert fitted.compute(0.1) == fitted.compute(0.9) == pytest.approx(0.5)


@settings(max_examples=60)
@given(st.lists(st.sampled_from([f"home {n}" for n in range(12)]), min_size=60, max_size=200))
def test_no_property_is_both_learnt_from_and_held_out(places: list[str]) -> None:
    places = [*places, *(f"home {n}" for n in range(5))]
    held_out = []
    for learnt, held in split_properties(places):
        assert not {places[one] for one in learnt} & {places[one] for one in held}
        assert sorted([*learnt, *held]) == list(range(len(places)))
        held_out += held
    assert sorted(held_out) == list(range(len(places)))


def test_each_property_is_judged_by_maps_that_were_fitted_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reviewed = gather_reviewed(simulate_overconfident(4, properties=23)).by_maker[MAKER]
    everywhere = {one.place for one in reviewed}
    by_place = {place: number for number, place in enumerate(sorted(everywhere))}
    reviewed = [  # a confidence of its own for each property tells whose finding is judged
        replace(one, stated=by_place[one.place] / 100) for one in reviewed
    ]
    left_out: list[int] = []

    class Spy:
        def __init__(self, learnt: set[str]) -> None:
            self.held = {by_place[place] for place in everywhere - learnt}

        def compute(self, stated: float) -> float:
            assert round(stated * 100) in self.held
            return stated

    def fit(_maker: Maker, learnt: list[Reviewed], _method: Method) -> dict[MapKey, Spy]:
        spy = Spy({one.place for one in learnt})
        left_out.extend(spy.held)
        return {("all", "all"): spy}

    monkeypatch.setattr("inspectiq.evaluation._reliability.fit_maps", fit)
    measure_reliability(MAKER, reviewed, "platt")
    assert sorted(left_out) == list(range(23))


def test_cases_at_one_address_are_one_property_however_it_is_written() -> None:
    results = make_results(20)
    for number, result in enumerate(results):
        street = ("{} Elm St, Austin", "{}  ELM st Austin ")[number % 2].format(number // 2)
        result["case"]["property"] = {"address": street}
    (made,) = Calibration.fit(results).reliability
    assert (made.n, made.properties) == (200, 10)
    for result in results[2:4]:
        del result["case"]["property"]
    (made,) = Calibration.fit(results).reliability
    assert made.properties == 11  # each case without an address is one of its own


def test_two_models_and_two_prompts_are_never_mixed() -> None:
    sure = [make_result(f"c{n}", [_accept(f"f{k}") for k in range(10)]) for n in range(10)]
    wrong = [
        make_result(f"c{n}", [_reject(f"f{k}") for k in range(10)], model="other")
        for n in range(10)
    ]
    newer = make_results()
    for result in newer:
        result["provenance"]["prompt"] = "inspection-2"
    together = Calibration.fit([*sure, *wrong, *newer])
    alone = [Calibration.fit(results) for results in (wrong, sure, newer)]
    assert set(together.maps) == {one for each in alone for one in each.maps}
    assert set(together.reliability) == {one for each in alone for one in each.reliability}
    shares = {(one.model, one.prompt): one.compute(0.9) for one in together.maps}
    assert shares["scripted:scripted", "inspection-1"] > 0.95
    assert shares["scripted:other", "inspection-1"] < 0.05
    assert together.n == 300


def _accept(id: str) -> dict[str, Any]:
    return make_reviewed("clog", 0.9, "accepted", id=id)


def _reject(id: str) -> dict[str, Any]:
    return make_reviewed("clog", 0.9, "rejected", id=id)


def test_a_type_with_enough_has_its_own_map_else_its_group_else_all() -> None:
    results = make_results()  # 100 of clog
    for result in results:
        result["issues"] += [
            make_reviewed("supply_leak", 0.7, "accepted", id=f"l{n}") for n in range(4)
        ]
        result["issues"] += [
            make_reviewed("wall_hole", 0.7, "rejected", id=f"h{n}") for n in range(4)
        ]
    for result in results[:9]:  # enough findings, too few properties
        result["issues"] += [
            make_reviewed("water_stain", 0.7, "rejected", id=f"w{n}") for n in range(6)
        ]
    made = Calibration.fit(results)
    sizes = {(one.basis, one.name): (one.n, one.properties) for one in made.maps}
    assert sizes == {
        ("all", "all"): (234, 10),
        ("group", "plumbing"): (140, 10),
        ("type", "clog"): (100, 10),
    }


def test_what_was_edited_stands_unless_it_became_another_type() -> None:
    results = make_results()
    for result in results:
        result["issues"] = [
            make_reviewed("clog", 0.9, "edited", id="e1", label="Blocked drain"),
            make_reviewed("clog", 0.9, "edited", id="e2", type="supply_leak"),
            *result["issues"],
        ]
    before, after = Calibration.fit(make_results()).maps[0], Calibration.fit(results).maps[0]
    assert (after.n - before.n, after.confirmed - before.confirmed) == (20, 10)


def test_of_several_results_of_a_case_that_with_most_reviews_of_a_finding_counts() -> None:
    results = make_results()
    twice = make_result("c0", [make_reviewed("clog", 0.5, "accepted", id="f0", times=2)])
    once = Calibration.fit(results).maps[0]
    assert (once.n, once.confirmed) == (100, 66)
    for order in ([*results, twice], [twice, *results]):
        made = Calibration.fit(order).maps[0]
        assert (made.n, made.confirmed) == (100, 67)


def test_what_does_not_count_is_told() -> None:
    results = make_results()
    results[0]["issues"] += [
        make_reviewed("clog", None, "accepted", id="unstated"),
        make_finding("clog", "p1", id="not reviewed", observed={"confidence": 0.4}),
    ]
    results[1]["provenance"]["engines"].append({"provider": "scripted", "model": "other"})
    for item in results[1]["issues"]:
        item["evidence"] = item["reviews"][0]["before"]["evidence"] = []
    few = make_results(3, model="rare")
    results += [make_result("more", [_accept(f"f{n}") for n in range(10)]), *few]
    made = Calibration.fit(results)
    assert made.n == 100
    assert made.gaps == (
        "Too few to calibrate: scripted:rare, inspection-1 has 30 reviewed findings of 3 "
        "properties.",
        "1 reviewed findings have no stated confidence and do not count.",
        "10 reviewed findings are of several models or none and do not count.",
    )
    assert all(gap in made.to_markdown() for gap in made.gaps)


@pytest.mark.parametrize(("cases", "findings"), [(11, 9), (9, 20), (1, 1)])
def test_too_few_are_refused_with_how_many_there_are_and_how_many_are_needed(
    cases: int, findings: int
) -> None:
    told = (
        f"has {cases * findings} reviewed findings of {cases} properties; 100 findings of 10 "
        "properties are needed"
    )
    with pytest.raises(ConfigError, match=told):
        Calibration.fit(make_results(cases, findings))


def test_two_models_with_half_of_what_is_needed_each_are_refused() -> None:
    halves = [*make_results(5), *make_results(5, model="other")]
    with pytest.raises(ConfigError, match=r"scripted:other, .* has 50 .*; scripted:scripted"):
        Calibration.fit(halves)


@pytest.mark.parametrize(
    ("results", "told"),
    [
        ([make_result("c1", [make_finding("clog", "p1")])], "no finding .* was reviewed"),
        (
            [make_result("c1", [make_reviewed("clog", None, "accepted", id="f")])],
            "none of one model",
        ),
        (7, "results"),
    ],
)
def test_results_to_learn_nothing_from_are_refused(results: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        Calibration.fit(results)


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.model_selection", None)
    with pytest.raises(ConfigError, match=r"a calibration needs .*pip install 'inspectiq\[eval\]'"):
        Calibration.fit(make_results())


def test_another_method_is_refused() -> None:
    with pytest.raises(ConfigError, match="give 'platt' or 'isotonic'"):
        Calibration.fit([], method="beta")  # type: ignore[arg-type]


@pytest.mark.parametrize("method", METHODS)
def test_a_file_gives_back_the_same_calibration_and_hash(tmp_path: Path, method: Method) -> None:
    made = Calibration.fit(simulate_overconfident(2, properties=20), method=method)
    path = made.save(tmp_path / "calibration.json")
    read = Calibration.load(path)
    assert read == made
    assert read.sha256 == made.sha256 == json.loads(path.read_text(encoding="utf-8"))["sha256"]
    with path.open(encoding="utf-8") as file:
        assert Calibration.load(file) == made


def test_the_hash_is_that_of_the_content() -> None:
    one = Calibration.fit(make_results())
    assert Calibration.fit(make_results()).sha256 == one.sha256
    assert Calibration.fit(list(reversed(make_results()))).sha256 == one.sha256
    assert Calibration.fit(make_results(11)).sha256 != one.sha256
    assert Calibration.fit(make_results(), method="isotonic").sha256 != one.sha256


def test_no_address_is_in_the_file(tmp_path: Path) -> None:
    results = make_results()
    for number, result in enumerate(results):
        result["case"]["property"] = {"address": f"{number} Elm Street"}
    path = Calibration.fit(results).save(tmp_path / "calibration.json")
    assert "elm" not in path.read_text(encoding="utf-8").casefold()


def test_a_file_that_was_changed_or_is_another_is_refused(tmp_path: Path) -> None:
    path = Calibration.fit(make_results()).save(tmp_path / "calibration.json")
    table = json.loads(path.read_text(encoding="utf-8"))
    table["maps"][0]["intercept"] += 1
    path.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(ConfigError, match="was changed since it was saved"):
        Calibration.load(path)
    for text in ("[]", '{"maps": []}', "no JSON"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=r"calibration\.json"):
            Calibration.load(path)
    path.write_text('{"sha256": "0", "maps": [{}], "method": "platt"}', encoding="utf-8")
    with pytest.raises(ConfigError, match="model"):
        Calibration.load(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        Calibration.load(tmp_path / "none.json")


def test_a_place_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    made = Calibration.fit(make_results())
    with pytest.raises(ConfigError, match="cannot be written"):
        made.save(tmp_path / "none" / "calibration.json")


def test_a_bin_has_its_share_with_interval_and_n_and_few_have_a_count_only() -> None:
    results = [
        make_result(
            f"c{case}",
            [
                *(make_reviewed("clog", 0.95, _decide(case, n), id=f"f{n}") for n in range(8)),
                *(make_reviewed("clog", 0.35, "rejected", id=f"g{n}") for n in range(2)),
            ],
        )
        for case in range(12)
    ]
    (made,) = Calibration.fit(results).reliability
    few, many = made.stated.bins
    assert (few.low, few.high, few.told) == pytest.approx((0.3, 0.4, 0.35))
    assert few.found.describe() == "too few to say: 0 of 24"
    assert (many.low, many.high, many.told) == pytest.approx((0.9, 1.0, 0.95))
    assert (many.found.hits, many.found.n, many.found.cases) == (48, 96, 12)
    assert many.found.low is not None
    assert many.found.high is not None
    assert many.found.low < 0.5 < many.found.high
    assert made.stated.error == pytest.approx((24 * 0.35 + 96 * 0.45) / 120)
    told = Calibration.fit(results).to_markdown()
    assert f"| stated | 0.9 to 1.0 | 0.95 | {many.found.describe()} |" in told
    assert f"held out: {made.stated.error:.3f} before, {made.calibrated.error:.3f} after" in told
    assert "120 findings of 12 properties" in told


def _decide(case: int, number: int) -> str:
    return "accepted" if (case + number) % 2 else "rejected"


def test_a_map_reads_beyond_its_knots_as_at_its_ends() -> None:
    one = CalibrationMap(
        model="m", prompt="p", basis="all", name="all", n=9, properties=3, confirmed=4,
        knots=((0.2, 0.1), (0.6, 0.5)),
    )  # fmt: skip
    asked = (0.0, 0.2, 0.4, 0.6, 1.0)
    assert [one.compute(x) for x in asked] == pytest.approx([0.1, 0.1, 0.3, 0.5, 0.5])
