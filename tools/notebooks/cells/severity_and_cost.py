# %% [markdown]
# # Severity and cost
#
# An engine proposes a level and states facts; your rules decide, and your prices count. Both can
# be changed afterwards, with no engine asked again.
#
# **The engine here is scripted:** it says the same three things about any photo, so that the
# notebook runs anywhere without a key. Nothing that it says is about what the photos show.

# %%
import subprocess
import sys
from pathlib import Path

photos = Path("photos")  # a folder of yours, with a subfolder for each room
if not photos.is_dir():  # else the samples that inspectiq ships: rendered, no photographs
    subprocess.run([sys.executable, "-m", "inspectiq", "demo"], check=True, capture_output=True)
    photos = Path("inspectiq-demo/photos")

# %%
from datetime import UTC, datetime

from inspectiq import InspectionAgent, Property, VisionRequest
from inspectiq.testing import FunctionTransport, make_answer, make_issue


def answer(request: VisionRequest) -> str:
    return make_answer(
        request,
        [
            make_issue("mold_suspect", 1, box=(550, 150, 900, 600), extent=14, severity="low"),
            make_issue("wall_hole", 1, box=(100, 500, 350, 800), extent=2, severity="low"),
            make_issue("scuff_scratch", 1, extent=20, severity="high"),
        ],
    )


agent = InspectionAgent(FunctionTransport(answer))
inspection = agent.inspect(
    photos / "bathroom",
    property=Property(country="US", state="CA", year_built=1974),
    inspected_at=datetime(2026, 3, 2, 10, tzinfo=UTC),
)
inspection

# %% [markdown]
# ## The rules
#
# The engine proposed `low` for 14 square feet of growth, and the rules made it `medium`: each
# level says which rule decided, and where that rule comes from.

# %%
for issue in inspection.issues:
    decided = issue.severity
    print(f"{issue.type:14} proposed {decided.proposed:8} decided {decided.level:8} {decided.rule}")

# %%
from inspectiq import SeverityPolicy

SeverityPolicy.default()

# %% [markdown]
# ## Tune them
#
# A threshold, a floor or a cap is a line. `regrade` decides again over what was seen.

# %%
stricter = SeverityPolicy.of(
    "house",
    mold_large_sq_ft=10,  # growth this large counts as large
    floors={"wall_hole": "high"},  # a level that a type never falls below
)
regraded = inspection.regrade(severity=stricter)
was = {issue.id: issue.severity.level for issue in inspection.issues}
for issue in regraded.issues:
    print(f"{issue.type:14} {was[issue.id]:8} -> {issue.severity.level:8} {issue.severity.rule}")

# %%
regraded

# %% [markdown]
# Or by another standard's levels and time limits: here HUD's NSPIRE. Which finding gets which
# level stays inspectiq's assumption.

# %%
inspection.regrade(severity="nspire").issues[0]

# %% [markdown]
# ## The prices
#
# Each line of an estimate says how much of what at which rate, and whose rate that is. None of it
# is a quote.

# %%
mold = next(issue for issue in inspection.issues if issue.type == "mold_suspect")
mold.cost

# %% [markdown]
# What you know better, you state; the lines then name you as their source.

# %%
from inspectiq import CostBook

ours = CostBook.of(
    "us",
    wages={"drywall": 38},  # dollars an hour, before what is billed for it
    rates={"scuff_scratch": "1.75"},  # dollars a square foot, all in
    source="Our payroll",
)
repriced = regraded.regrade(cost_book=ours)
repriced

# %%
before = {issue.id: issue.cost.expected for issue in regraded.issues if issue.cost}
after = {issue.id: issue.cost.expected for issue in repriced.issues if issue.cost}
for issue in repriced.issues:
    print(f"{issue.type:14} {before[issue.id]:>10} -> {after[issue.id]:>10} USD")

# %%
(scuffs,) = [issue.cost for issue in repriced.issues if issue.type == "scuff_scratch"]
print(scuffs.explain() if scuffs else "no price")

# %% [markdown]
# ## Keep what you changed
#
# A policy and a book are data: each has a content hash, which results record.

# %%
assert repriced.provenance.severity_sha256 == stricter.sha256
assert repriced.provenance.cost_book_sha256 == ours.sha256
again = SeverityPolicy.model_validate_json(stricter.model_dump_json())
assert inspection.regrade(severity=again).issues == regraded.issues
