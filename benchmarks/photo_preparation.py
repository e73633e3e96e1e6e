"""How many 12-megapixel photos are prepared a second, and in how much memory.

    python benchmarks/photo_preparation.py [--photos 500]

Renders its own photos (noise on gradients, 3-5 MB each) into a temporary folder, and measures each
case in a process of its own, since peak memory never falls and children inherit it.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

DIFFERENT = 12
SENT_AT_ONCE = 50  # what was examined last is sent first, as it is


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=500, help="photos for the memory figure")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        if given.case == "render":
            _render(given.folder)
        else:
            _measure(given.case, given.folder, given.photos)
        return
    with tempfile.TemporaryDirectory() as folder:
        for case, photos in (
            ("render", DIFFERENT),
            ("1 thread", 60),
            ("2 threads", 120),
            ("examine", 120),
            ("examine", given.photos),
        ):
            command = [sys.executable, __file__, "--case", case, "--photos", str(photos)]
            subprocess.run([*command, "--folder", folder], check=True)


def _render(folder: Path) -> None:
    from PIL import Image

    for number in range(DIFFERENT):
        rng = random.Random(number)
        shapes = Image.frombytes("RGB", (16, 12), rng.randbytes(16 * 12 * 3))
        shapes = shapes.resize((4032, 3024), Image.Resampling.BICUBIC)
        noise = Image.effect_noise((4032, 3024), 60)
        picture = Image.blend(shapes, Image.merge("RGB", (noise, noise, noise)), 0.3)
        picture.save(folder / f"{number}.jpg", quality=83)
    sizes = [path.stat().st_size / 1e6 for path in folder.iterdir()]
    print(f"{DIFFERENT} photos of 12 MP, {min(sizes):.1f}-{max(sizes):.1f} MB")


def _measure(case: str, folder: Path, photos: int) -> None:
    from inspectiq import Photo
    from inspectiq.photos import ImageRule
    from inspectiq.photos._examine import examine_photos
    from inspectiq.photos._prepare import prepare_picture

    rule = ImageRule()
    paths = [folder / f"{number % DIFFERENT}.jpg" for number in range(photos)]

    def prepare_one(path: Path) -> None:
        prepare_picture(path.read_bytes(), rule, name=path.name)

    async def examine_all() -> None:
        # A loader for each keeps them apart, as different photos are.
        handles = [
            Photo.from_loader(f"{number}", path.read_bytes, timeout=30)
            for number, path in enumerate(paths)
        ]
        sent = 0
        photos = await examine_photos(handles, rule)
        for photo in photos[-SENT_AT_ONCE:]:
            sent += len((await photo.aprepare_for(rule)).jpeg)
        if not sent:
            raise RuntimeError("nothing was prepared")

    prepare_one(paths[0])
    start = time.perf_counter()
    if case == "examine":
        asyncio.run(examine_all())
    else:
        with ThreadPoolExecutor(int(case.split(maxsplit=1)[0])) as pool:
            for _ in pool.map(prepare_one, paths):
                pass
    seconds = time.perf_counter() - start
    speed, peak = photos / seconds, _measure_peak()
    print(f"{case:10} {photos:4} photos {speed:5.1f} a second, peak {peak:.0f} MB")


def _measure_peak() -> float:
    """Measures the peak resident memory of this process in MB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    main()
