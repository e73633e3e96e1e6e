"""Prints the lowest version of each dependency that pyproject.toml allows, as pip takes it."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
for listed in (*project["dependencies"], *project["optional-dependencies"]["offline"]):
    if found := re.match(r"([\w.\[\]-]+)>=([\d.]+)", listed.partition(";")[0]):
        version = found[2] if "." in found[2] else f"{found[2]}.0"
        print(f"{found[1]}=={version}.*")
