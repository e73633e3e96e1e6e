"""How many descriptions a second the emergency screen reads, on one core.

    python benchmarks/screening.py [--texts 20000]

Two kinds of descriptions are read, each text once:

- *Made up*: a unit, two sentences of one language, and thanks, about 130 characters. Three in ten
  are Spanish, and one in ten tells of an emergency. The sentences come from short lists, so that
  their words come back; no two descriptions are the same, for each names a unit of its own.
- *Phrases*: those that the screen was fitted to and tried on, see `benchmarks/phrases`. No two are
  the same, about half tell of an emergency, and most of the others sound like one; so far more of
  them need a closer look than of what tenants write.
"""

import argparse
import random
import time
from collections.abc import Sequence
from pathlib import Path

from inspectiq import EmergencyScreen

ENGLISH = (
    "The kitchen faucet has been dripping since Monday",
    "the closet door is off its track and the handle is loose",
    "Hi, could somebody please look at the dishwasher, it does not drain",
    "there is a stain on the bedroom carpet near the window",
    "I reported this twice already and nobody came",
    "no smell of gas, the stove just clicks and does not light",
    "The bathroom fan is loud and the light above the sink flickers",
    "water pressure in the shower is low in the morning",
    "Please call before you come, the dog is home alone",
    "Half of the blinds in the living room will not go up any more",
    "the neighbours upstairs had a leak last year, it was fixed",
    "We would like to have a second key for the mailbox",
    "the smoke detector beeps once a minute, I think it wants a battery",
    "Somebody scratched the paint on the front door",
)
SPANISH = (
    "la puerta del baño no cierra y la llave gotea un poco",
    "el refrigerador hace mucho ruido por la noche",
    "Buenos días, la persiana de la sala no sube",
    "el timbre no suena desde el lunes",
    "hay una mancha en la pared junto a la ventana",
    "No huele a gas, solo que la estufa no prende",
    "Ya avisé dos veces y nadie vino",
    "por favor llamen antes de venir",
)
URGENT_ENGLISH = (
    "now I smell gas near the stove",
    "water is pouring through the ceiling",
    "the outlet sparks when I plug anything in",
)
URGENT_SPANISH = (
    "se está inundando la cocina",
    "huele mucho a gas en el pasillo",
    "salen chispas del enchufe",
)
PHRASES = Path(__file__).parent / "phrases"
SLICE = 500
"""Texts screened between two looks at the machine's speed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=20_000)
    given = parser.parse_args()

    chosen = random.Random(1)
    texts = [_description(chosen, number) for number in range(given.texts)]
    begun = time.perf_counter()
    screen = EmergencyScreen.default()
    screen.screen("the first one makes the tables ready")
    print(f"ready after          {(time.perf_counter() - begun) * 1e3:8.0f} ms")
    _tell("descriptions", screen, texts)
    _tell("phrases", screen, _phrases())
    for name, written in (("descriptions", texts), ("phrases", _phrases())):
        story = ".\n".join(written)[:50_000]  # of one part, and of phrases with every hazard
        begun = time.process_time()
        screen.screen(story)
        print(f"50,000 characters of {name:<12} {(time.process_time() - begun) * 1e3:8.0f} ms")


def _tell(name: str, screen: EmergencyScreen, texts: Sequence[str]) -> None:
    """Screens in slices, each with additions beside it, since machines change their speed."""
    found = 0
    slices: list[tuple[float, float]] = []
    for at in range(0, len(texts), SLICE):
        part = texts[at : at + SLICE]
        begun = time.process_time()
        found += sum(screen.screen(text).status == "emergency" for text in part)
        rate = len(part) / (time.process_time() - begun)
        slices.append((_additions(), rate))
    slices.sort()
    quarter = max(1, len(slices) // 4)
    length = sum(map(len, texts)) / len(texts)
    print(f"{name:<20} {length:8.0f} characters on average, {found / len(texts):.0%} emergencies")
    for which, some in (("fastest", slices[:quarter]), ("slowest", slices[-quarter:])):
        speed = sum(additions for additions, _ in some) / len(some)
        rate = sum(rate for _, rate in some) / len(some)
        print(
            f"{name + ' a second':<20} {rate:8.0f} while the machine was {which}: "
            f"a million additions took {speed * 1e3:.0f} ms"
        )


def _additions() -> float:
    """Seconds for a million additions, from a tenth of them."""
    begun, total = time.process_time(), 0
    for number in range(100_000):
        total += number
    return (time.process_time() - begun) * 10


def _description(chosen: random.Random, number: int) -> str:
    spanish = chosen.random() < 0.3
    parts = chosen.sample(SPANISH if spanish else ENGLISH, 2)
    if number % 10 == 0:
        parts[1] = chosen.choice(URGENT_SPANISH if spanish else URGENT_ENGLISH)
    unit, thanks = ("Unidad", "Gracias") if spanish else ("Unit", "Thank you")
    return f"{unit} {number}: {'. '.join(parts)}. {thanks}, {chosen.choice('ABCDEFG')}."


def _phrases() -> list[str]:
    """All phrases, in an order of their own, each once."""
    lines = {
        line.split("\t", 1)[1]
        for file in PHRASES.glob("*.tsv")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line and line[0] != "#"
    }
    texts = sorted(lines)
    random.Random(1).shuffle(texts)
    return texts


if __name__ == "__main__":
    main()
