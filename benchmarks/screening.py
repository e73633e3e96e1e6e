"""How fast the emergency screen is: its first text, many texts, and the memory it takes.

    python benchmarks/screening.py

The first text is timed in a process of its own that has imported inspectiq's results already,
beside the import of pydantic in another; many texts are those that the screen was fitted to, each
once, beside a million additions. Times vary with the machine: look at the ratios.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from inspectiq.screening import EmergencyScreen
from inspectiq.screening._judging import read_messages

TRAIN = Path(__file__).parent / "phrases" / "train"
ROUNDS = 5
FIRST = """
import time, resource
import inspectiq.domain._emergencies
before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
from inspectiq import screen
screen("I smell gas in the kitchen")
taken = time.perf_counter() - started
print(taken, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
PYDANTIC = """
import time
started = time.perf_counter()
import pydantic
pydantic.BaseModel
print(time.perf_counter() - started)
"""


def run(code: str) -> list[list[float]]:
    """Runs code in fresh processes, one a round, and returns what they print, the least first."""
    command = [sys.executable, "-c", code]
    printed = [subprocess.check_output(command, text=True).split() for _ in range(ROUNDS)]
    return sorted([float(number) for number in line] for line in printed)


def time_additions() -> float:
    """Measures the seconds for a million additions."""
    started, total = time.perf_counter(), 0
    for number in range(1_000_000):
        total += number
    return time.perf_counter() - started


def main() -> None:
    (first, memory), imported = run(FIRST)[0], run(PYDANTIC)[0][0]
    print(f"first text {first * 1e3:.0f} ms, {first / imported:.1f} times the import of pydantic")
    print(f"memory {memory:.1f} MB")
    screen = EmergencyScreen.default()
    screen.screen("warm")
    for manner in ("phrases", "sms", "notes", "mails"):
        files = sorted(TRAIN.glob(f"{manner}*.tsv"))
        texts = [m.text for file in files for m in read_messages(file, screen)][:2_000]
        beside, started = time_additions(), time.perf_counter()
        for text in texts:
            screen.screen(text)
        each = (time.perf_counter() - started) / len(texts)
        length = sum(map(len, texts)) / len(texts)
        print(
            f"{manner:8} {1 / each:6.0f} texts a second of {length:4.0f} characters, "
            f"each {each / beside:.3f} times a million additions"
        )


if __name__ == "__main__":
    main()
