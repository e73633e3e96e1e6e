"""Renders the sample photos: `python -m tools.pictures [--out DIR] [--seed N]`."""

import argparse
from pathlib import Path

from tools.pictures.flat_scenes import FLAT_SCENES
from tools.pictures.rendering import SEED, write_pictures

SHIPPED = Path(__file__).parents[2] / "src" / "inspectiq" / "_samples"


def main() -> None:
    """Renders every scene, and names what was written and how large it is."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("--out", type=Path, default=SHIPPED, metavar="DIR")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    flat = write_pictures(asked.out / "flat", FLAT_SCENES, seed=asked.seed)
    for path in (*write_pictures(asked.out, seed=asked.seed), *flat):
        print(f"{path}  {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
