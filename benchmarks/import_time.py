"""How long importing takes, best of eleven new interpreters, beside a bare interpreter."""

import subprocess
import sys
import time

STATEMENTS = {
    "bare python": "pass",
    "import pydantic.main": "import pydantic.main",
    "import inspectiq": "import inspectiq",
    "from inspectiq import InspectionAgent, Case, Photo": (
        "from inspectiq import InspectionAgent, Case, Photo"
    ),
}
ROUNDS = 11


def main() -> None:
    best = dict.fromkeys(STATEMENTS, float("inf"))
    for _ in range(ROUNDS):  # interleaved, so that a busy moment hits all of them
        for name, statement in STATEMENTS.items():
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], check=True)
            best[name] = min(best[name], time.perf_counter() - begun)
    for name, seconds in best.items():
        print(f"{seconds * 1000:6.0f} ms  {seconds / best['bare python']:5.1f} x bare  {name}")


if __name__ == "__main__":
    main()
