"""How many descriptions a second the emergency screen reads, on one core.

    python benchmarks/screening.py [--texts 20000]

Descriptions are of about 150 characters; one in ten tells of an emergency, and no two are the same.
"""

import argparse
import random
import time

from inspectiq import EmergencyScreen

SENTENCES = (
    "The kitchen faucet has been dripping since Monday",
    "the closet door is off its track and the handle is loose",
    "Hi, could somebody please look at the dishwasher, it does not drain",
    "there is a stain on the bedroom carpet near the window",
    "I reported this twice already and nobody came",
    "la puerta del baño no cierra y la llave gotea un poco",
    "el refrigerador hace mucho ruido por la noche",
    "no smell of gas, the stove just clicks and does not light",
    "The bathroom fan is loud and the light above the sink flickers",
    "water pressure in the shower is low in the morning",
    "Please call before you come, the dog is home alone",
)
URGENT = (
    "now I smell gas near the stove",
    "water is pouring through the ceiling",
    "se está inundando la cocina",
    "the outlet sparks when I plug anything in",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=20_000)
    given = parser.parse_args()

    chosen = random.Random(1)
    texts = [_description(chosen, number) for number in range(given.texts)]
    begun = time.perf_counter()
    screen = EmergencyScreen.default()
    screen.screen("the first one makes the tables ready")
    print(f"ready after               {(time.perf_counter() - begun) * 1e3:8.0f} ms")
    begun = time.process_time()
    found = sum(screen.screen(text).status == "emergency" for text in texts)
    spent = time.process_time() - begun
    length = sum(map(len, texts)) / len(texts)
    print(f"{length:.0f} characters on average, {found / len(texts):.0%} emergencies")
    print(f"descriptions a second     {len(texts) / spent:8.0f}")
    print(f"a million additions       {_additions() * 1e3:8.0f} ms, to compare machines by")
    story = ". ".join(texts)[:50_000]
    begun = time.process_time()
    screen.screen(story)
    print(f"a text of 50,000          {(time.process_time() - begun) * 1e3:8.0f} ms")


def _additions() -> float:
    begun, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return time.process_time() - begun


def _description(chosen: random.Random, number: int) -> str:
    parts = chosen.sample(SENTENCES, 2)
    if number % 10 == 0:
        parts[1] = chosen.choice(URGENT)
    return f"Unit {number}: {'. '.join(parts)}. Thank you, {chosen.choice('ABCDEFG')}."


if __name__ == "__main__":
    main()
