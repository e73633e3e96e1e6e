"""Seconds and memory of an evaluation of many stored results, each with ten findings.

    python benchmarks/evaluation.py [--results 10000] [--labelled 1.0]

The results are JSON as `to_json` writes it, of twenty inspections with scripted answers, repeated
under other case ids and made one by one as they are asked for. Each case has four photos and, where
it is labelled, two labels on each of them. Memory is the most that the process had, interpreter and
libraries included.
"""

import argparse
import io
import random
import resource
import time
from collections.abc import Iterator

from PIL import Image

from inspectiq import InspectionAgent, Photo, Taxonomy
from inspectiq.evaluation import Label, LabelledPhoto, Labels, evaluate
from inspectiq.testing import FunctionTransport, make_answer, make_issue

VARIANTS = 20
PHOTOS = 4
FINDINGS = 10
TYPES = tuple(kind.key for kind in Taxonomy.default().types if kind.seen_by == "photo")[:40]
MARK = "case-of-the-benchmark"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=int, default=10_000)
    parser.add_argument("--labelled", type=float, default=1.0, help="share of cases with labels")
    given = parser.parse_args()
    texts = [_make_result(number) for number in range(VARIANTS)]
    before = _measure_memory()
    labels = Labels(_make_labels(round(given.results * given.labelled)))
    begun = time.perf_counter()
    made = evaluate(_repeat(texts, given.results), labels)
    seconds = time.perf_counter() - begun
    print(f"{made.reads} results of {FINDINGS} findings, {len(texts[0]) / 1000:.0f} kB each")
    print(f"labelled photos   {made.labelled}")
    print(f"seconds           {seconds:.1f}")
    print(f"memory at most    {_measure_memory():.0f} MB, {before:.0f} MB of it before")
    print(f"recall            {made.overall.recall.describe()}")


def _make_result(number: int) -> str:
    generator = random.Random(number)
    found = [
        make_issue(
            generator.choice(TYPES),
            generator.randint(1, PHOTOS),
            box=(100, 100, 500, 500),
            description=f"scripted, the {place}th of them",
            extent=4,
        )
        for place in range(FINDINGS)
    ]
    agent = InspectionAgent(FunctionTransport(lambda request: make_answer(request, found)))
    photos = [
        Photo.from_bytes(_draw(place), name=f"{place}.jpg", room="kitchen")
        for place in range(PHOTOS)
    ]
    return agent.inspect(photos, id=MARK).model_dump_json()


def _draw(seed: int) -> bytes:
    file = io.BytesIO()
    noise = Image.frombytes("RGB", (8, 6), random.Random(seed).randbytes(144))
    noise.resize((200, 150)).save(file, "JPEG")
    return file.getvalue()


def _repeat(texts: list[str], count: int) -> Iterator[str]:
    for number in range(count):
        yield texts[number % VARIANTS].replace(MARK, f"case-{number}")


def _make_labels(count: int) -> Iterator[LabelledPhoto]:
    generator = random.Random(1)
    for case in range(count):
        for photo in range(1, PHOTOS + 1):
            pair = (Label(generator.choice(TYPES)), Label(generator.choice(TYPES)))
            yield LabelledPhoto(f"case-{case}", f"p{photo}", pair)


def _measure_memory() -> float:
    """Returns the most megabytes that the process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
