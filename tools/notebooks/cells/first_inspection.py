# %% [markdown]
# # First inspection
#
# Photos of a property go in; findings with their evidence, level and cost come out. This notebook
# needs no key and no network: it uses the offline engine, a triage that looks for cracks only,
# and says so.
#
#     pip install 'inspectiq[offline]'

# %%
import subprocess
import sys
from pathlib import Path

photos = Path("photos")  # a folder of yours, with a subfolder for each room
if not photos.is_dir():  # else the samples that inspectiq ships: rendered, no photographs
    subprocess.run([sys.executable, "-m", "inspectiq", "demo"], check=True, capture_output=True)
    photos = Path("inspectiq-demo/photos")

# %% [markdown]
# ## Inspect
#
# A cell that ends with a result shows it: what matters first, then the findings, and the photos
# with numbered boxes.

# %%
from inspectiq import InspectionAgent

agent = InspectionAgent("offline")
inspection = agent.inspect(photos)
inspection

# %% [markdown]
# Every photo has an outcome, also the ones without a finding. A triage that finds nothing has not
# shown that nothing is there.

# %%
inspection.photos

# %%
inspection["p1"]

# %% [markdown]
# ## One finding
#
# It says what decided its level, what to do and who does it. Until a person has looked, a
# triage's finding has no level and no price.

# %%
issue = inspection.issues[0]
issue

# %%
issue.show()

# %% [markdown]
# `inspection.show` takes the id of a photo, or a finding. The numbers are those of the table
# above.

# %%
inspection.show(issue.evidence[0].photo_id, long_side=600)

# %% [markdown]
# A photo that no result knows yet can be looked at, too.

# %%
from inspectiq import Photo

Photo.from_path(min(photos.rglob("*.jpg"))).show(long_side=400)

# %% [markdown]
# ## Keep it
#
# JSON holds all but the pictures, so a result that comes back is told where they are.

# %%
from inspectiq import Inspection, write_report

write_report(inspection, "report")
stored = Inspection.model_validate_json(inspection.to_json())
assert stored == inspection
stored.show(stored.issues[0], photos=photos, long_side=400)

# %% [markdown]
# ## See everything
#
# A hosted model looks for all 115 types of issue. With a key in `OPENAI_API_KEY`, it is one other
# name; `preview` first says what that takes, and sends nothing.
#
#     agent = InspectionAgent("openai:gpt-4.1")
#     agent.preview(photos)
