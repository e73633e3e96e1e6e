"""Inspects each folder of photos as a case of its own, and goes on where it was if started again.

    python examples/run_many.py PHOTOS_DIR OUT_DIR [ENGINE]

Each folder in PHOTOS_DIR is a case. The engine is `offline` unless another one is named, such as
`openai:gpt-6-luna`. Stop it with Ctrl-C, and start it again: what is done is not asked again.
"""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from inspectiq import InspectionAgent, ProgressBar


def main(photos: str, out: str, engine: str = "offline") -> None:
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    with ProgressBar() as bar, InspectionAgent(engine, observers=[bar]) as agent:
        outcomes = agent.run_many(
            list(list_cases(Path(photos))), checkpoint=folder / "runs.jsonl", ordered=True
        )
        with closing(outcomes):
            for outcome in outcomes:
                said = outcome.error or (outcome.result and outcome.result.summary.headline)
                print(f"{outcome.case_id}: {said}{' (done before)' * outcome.resumed}")


def list_cases(photos: Path) -> Iterator[dict[str, Any]]:
    for flat in sorted(path for path in photos.iterdir() if path.is_dir()):
        yield {"id": flat.name, "photos": flat}


if __name__ == "__main__":
    main(*sys.argv[1:])
