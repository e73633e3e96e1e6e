"""Findings and labels of a photo are paired one to one, as many as can be."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from inspectiq import Taxonomy
from inspectiq.evaluation import Label
from inspectiq.evaluation._matching import Sighting, enclose, measure_overlap, pair_up
from tests.evaluation.made import TYPES

TAXONOMY = Taxonomy.default()
corners = st.tuples(*[st.integers(0, 8)] * 2, *[st.integers(1, 8)] * 2).map(
    lambda box: (box[0] / 16, box[1] / 16, (box[0] + box[2]) / 16, (box[1] + box[3]) / 16)
)
kinds = st.sampled_from(TYPES)
places = st.none() | corners
sightings = st.lists(st.tuples(kinds, places), max_size=4)


def get_group(key: str) -> str:
    return TAXONOMY[key].group


def see(kind: str, box: tuple[float, ...] | None = None, id: str = "f") -> Sighting:
    return Sighting(id, kind, get_group(kind), box)  # type: ignore[arg-type]


@given(sightings, st.lists(st.tuples(kinds, places), max_size=4), st.sampled_from([0.3, 0.5]))
def test_no_other_way_pairs_more(found: list[tuple], labelled: list[tuple], least: float) -> None:  # type: ignore[type-arg]
    seen = [see(*one) for one in found]
    labels = [Label(kind, box=box) for kind, box in labelled]

    def fit(one: Sighting, label: Label) -> bool:
        if one.type != label.type:
            return False
        if label.box is None or one.box is None:
            return True
        return measure_overlap(one.box, label.box) >= least

    pairs = pair_up(seen, labels, get_group, overlap=least)
    assert all(fit(seen[pair.finding], labels[pair.label]) for pair in pairs)
    assert len({pair.finding for pair in pairs}) == len(pairs) == len({p.label for p in pairs})
    more, fewer = (seen, labels) if len(seen) >= len(labels) else (labels, seen)
    most = max(
        sum(
            fit(a, b) if isinstance(a, Sighting) else fit(b, a)  # type: ignore[arg-type]
            for a, b in zip(order, fewer, strict=True)
        )
        for order in permutations(more, len(fewer))
    )
    assert len(pairs) == most


def test_the_finding_that_a_person_labelled_is_chosen_before_one_alike() -> None:
    labels = [Label("clog", finding_id="b")]
    (pair,) = pair_up([see("clog", id="a"), see("clog", id="b")], labels, get_group)
    assert pair.finding == 1


def test_boxes_that_overlap_more_are_chosen() -> None:
    box = (0.0, 0.0, 0.5, 0.5)
    seen = [see("clog", (0.0, 0.0, 0.5, 0.4)), see("clog", box)]
    (pair,) = pair_up(seen, [Label("clog", box=box)], get_group)
    assert (pair.finding, pair.overlap) == (1, 1.0)


def test_the_place_of_several_boxes_is_the_box_around_them() -> None:
    assert enclose([(0.0, 0.2, 0.1, 0.3), (0.5, 0.1, 1.0, 0.2)]) == (0.0, 0.1, 1.0, 0.3)
    assert enclose([]) is None


@given(corners, corners)
def test_overlap_is_of_either_order_and_one_only_for_the_same_box(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> None:
    assert measure_overlap(one, other) == measure_overlap(other, one)
    assert (measure_overlap(one, other) == 1.0) == (one == other)
