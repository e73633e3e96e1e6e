"""Draws the sample photos that ship with inspectiq, and others like them from other seeds.

    python -m tools.pictures

in the repository's root renders the photos of `src/inspectiq/_samples` again, and in its folder
`flat` those of the example flat, each with `samples.json`, which says what each shows and where its
defects are; `--out DIR --seed 8` renders others into a folder of your own. Nothing of this is in
the package: it ships the rendered photos only, and `tests/samples/test_pictures.py` holds them to
what is drawn here.

Each photo bears the label "rendered sample, not a photograph", in the picture and in its metadata.

- `scenes`: the list of what is drawn; `dry_rooms` and `wet_rooms` paint it
- `flat_scenes`: what is drawn besides for the example flat; `flat_walls` and `flat_fittings` do it
- `fittings`, `layers`, `surfaces`: what rooms are painted with
- `damage`: cracks and stains; `breakage`: holes, broken glass; `wear`: mould, peeling, spills, rust
- `camera`: what a hand-held camera makes of it
- `rendering`: from a scene to a labelled file
"""

from tools.pictures.flat_scenes import FLAT_SCENES
from tools.pictures.rendering import render_picture, write_pictures
from tools.pictures.scenes import SCENES

__all__ = ["FLAT_SCENES", "SCENES", "render_picture", "write_pictures"]
