"""The guide "Your own model", followed as a reader would: its code goes into one empty file."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "docs" / "guides" / "answers.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_code_of_the_guide_in_one_file_passes_the_contract(
    tmp_path: Path, samples: Path
) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    followed = text[: text.index("## What an engine says of itself")]
    blocks = BLOCK.findall(followed)
    assert len(blocks) >= 6
    (tmp_path / "test_my_model.py").write_text("\n\n".join(blocks), encoding="utf-8")
    shutil.copytree(samples, tmp_path / "photos")
    asked = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_model.py"]
    done = subprocess.run(
        asked, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 15  # the contract, twice
