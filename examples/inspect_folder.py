"""Inspects a folder of photos, room by room, and writes a report.

python examples/inspect_folder.py photos/ report/
"""

import sys
from pathlib import Path

from inspectiq import InspectionAgent, write_report


def main(photos: Path, out: Path) -> None:
    with InspectionAgent("offline") as agent:
        inspection = agent.inspect(photos)
    print(inspection.summary.headline)
    for outcome in inspection.photos:
        if outcome.fault is not None:
            print(f"{outcome.photo.name}: {outcome.fault.message}")
    for path in write_report(inspection, out):
        print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
