"""inspectiq beside packages that pin an older SDK or one of its parts.

`FOREIGN_HOSTS` names a Python for each, separated by colons; each has one of them installed, and
inspectiq.
"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.transports.openai.stand_in import StandIn, responses, seen

pytestmark = pytest.mark.foreign

FIRST = """
import sys, warnings
from importlib.metadata import version
import {module}
from inspectiq import InspectionAgent
with InspectionAgent("openai:gpt-6-luna") as agent:
    found = agent.inspect(sys.argv[1])
assert found.status == "complete", found.summary.headline
older = version("openai").startswith("2.")
assert ("httpx2" in sys.modules) is (not older), sorted(sys.modules)
print(version("openai"), len(found.issues))
"""
MODULES = {
    "instructor": "instructor",
    "llama-index-llms-openai": "llama_index.llms.openai",
    "pydantic-ai-slim": "pydantic_ai.models.openai",
}


def run(python: str, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [python, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd="/",
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("host", MODULES)
def test_a_first_inspection_runs_beside(host: str, samples: Path) -> None:
    (python,) = [
        python for python in os.environ["FOREIGN_HOSTS"].split(":") if f"/{host}/" in python
    ]
    run(python, "-m", "pip", "check")
    with StandIn(lambda body: responses(seen(body))) as server:
        said = run(
            python,
            *("-c", FIRST.format(module=MODULES[host]), str(samples)),
            OPENAI_API_KEY="sk-x",
            OPENAI_BASE_URL=server.url,
        )
    assert server.bodies
    sdk, issues = said.split()
    assert int(issues) >= 1
    print(f"{host}: openai {sdk}")
