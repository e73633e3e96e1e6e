"""Says what an inspection would cost, then runs it within a budget, and accounts for it.

The engine is the one that INSPECTIQ_ENGINE names, such as openai:gpt-6-luna; else the offline one,
which costs nothing. Run it twice: the answers come from the cache the second time.

    python examples/keep_to_a_budget.py photos/ out/
"""

import os
import sys
from decimal import Decimal
from pathlib import Path

from inspectiq import InspectionAgent, Limits, ProgressBar
from inspectiq.limits import Ledger, LocalBudget


def main(photos: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(out / "usage.jsonl")
    with (
        ProgressBar() as bar,
        InspectionAgent(
            os.environ.get("INSPECTIQ_ENGINE") or "offline",
            limits=Limits(usd=Decimal("0.50"), deadline=120),
            budgets=[LocalBudget(usd=Decimal(20), per=("tag:tenant", "day"))],
            cache=out / "answers.sqlite",
            observers=[bar, ledger],
        ) as agent,
    ):
        print(agent.preview(photos))
        inspection = agent.inspect(photos, tags={"tenant": "t1"})
    print(inspection.summary.headline)
    for outcome in inspection.photos:
        if outcome.fault is not None:
            print(f"{outcome.photo.name}: {outcome.fault.message}")
    print(ledger)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
