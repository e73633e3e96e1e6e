# %% [markdown]
# # Two engines on one folder
#
# Any two engines can look at the same photos, and their results have the same form. Here the
# offline triage meets a **scripted engine**, which answers from a list below, so that the
# notebook runs anywhere without a key. The script was written by looking at the samples; it is no
# model, and says nothing about how well one does.

# %%
import subprocess
import sys
from pathlib import Path

photos = Path("photos")  # the samples that inspectiq ships: rendered, no photographs
if not photos.is_dir():
    subprocess.run([sys.executable, "-m", "inspectiq", "demo"], check=True, capture_output=True)
    photos = Path("inspectiq-demo/photos")

# %%
from inspectiq import InspectionAgent

offline = InspectionAgent("offline").inspect(photos, id="flat-7")
offline

# %% [markdown]
# ## The scripted engine
#
# An engine of your own is an object with one method, `send`; `FunctionTransport` makes one of a
# function. With a key, `InspectionAgent("openai:gpt-4.1")` stands in its place.

# %%
from inspectiq import VisionRequest
from inspectiq.testing import FunctionTransport, make_answer, make_issue

SCRIPT = {  # file name: what the script says of it
    "living-room-wall.jpg": ("wall_structural_crack", (150, 250, 620, 930)),
    "hall-ceiling.jpg": ("ceiling_stain", (480, 220, 800, 500)),
    "bathroom-tiles.jpg": ("tile_crack_missing", (520, 150, 680, 420)),
}


def answer(request: VisionRequest) -> str:
    found = []
    for part in request.photos:
        if part.photo.name in SCRIPT:
            kind, box = SCRIPT[part.photo.name]
            found.append(make_issue(kind, part.number, box=box))
    return make_answer(request, found)


scripted_agent = InspectionAgent(FunctionTransport(answer))
scripted_agent.preview(photos)

# %%
scripted = scripted_agent.inspect(photos, id="flat-7")
scripted

# %% [markdown]
# ## Side by side
#
# By photo, since every photo has an outcome in both. An empty cell of the triage is no verdict:
# it looks for cracks only.

# %%
from inspectiq import Inspection


def list_types(inspection: Inspection) -> dict[str, list[str]]:
    types: dict[str, list[str]] = {}
    for issue in inspection.issues:
        for photo_id in {item.photo_id for item in issue.evidence}:
            types.setdefault(photo_id, []).append(issue.type)
    return types


ours, theirs = list_types(offline), list_types(scripted)
print(f"{'photo':28} {'offline':10} {'':28} {'scripted':10}")
for outcome in offline.photos:
    one = outcome.photo.id
    print(
        f"{outcome.photo.name:28} {outcome.status:10} {', '.join(ours.get(one, [])):28} "
        f"{scripted[one].status:10} {', '.join(theirs.get(one, []))}"
    )

# %%
both = sorted(set(ours) & set(theirs))
only = sorted(set(theirs) - set(ours))
print("both saw something in", both or "no photo", "and the script alone in", only or "none")

# %% [markdown]
# ## Look where they agree
#
# The boxes of each, on the same photo.

# %%
offline.show(both[0], long_side=500)

# %%
scripted.show(both[0], long_side=500)

# %% [markdown]
# Each result says who made it, so that none is taken for the other's.

# %%
[
    (record.provider, record.model)
    for result in (offline, scripted)
    for record in result.provenance.engines
]
