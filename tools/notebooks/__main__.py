"""Writes the notebooks in `examples/notebooks`."""

from tools.notebooks import write_notebooks

for path in write_notebooks():
    print(path)
