"""A plan of a sweep: the cases, the labels, one budget, and what to try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator

from inspectiq._files import parse_table, read_text, to_path
from inspectiq._values import Value
from inspectiq.agents._inspection import InspectionAgent
from inspectiq.domain._agreement import Keep
from inspectiq.errors import ConfigError
from inspectiq.evaluation._matching import Tolerance
from inspectiq.evaluation._sweep import Sweep
from inspectiq.transports._openai import OpenAITransport

__all__ = ["SweepPlan", "SweepRun"]

OPENAI = "openai:"

MakeAgent = Callable[..., InspectionAgent]
"""Makes the agent of a run; it gets the run, and `cache`, `limits` and `observers` by name."""


class SweepRun(Value):
    """One configuration that a sweep tries.

    Attributes:
        name: Of its folder and in the table; the first run is what the others are compared with.
        engine: Such as `openai:gpt-6-luna`; that of the environment if not given.
        prompt: A file of instructions; the agent's own if not given.
        photos_per_request: Most photos in a request; the engine's own number if not given.
        reads: How often each photo is read.
        keep: What is kept of several reads.
        detail: How OpenAI is to look at pictures, as for `OpenAITransport`.
        reasoning: How hard its model is to think, as for `OpenAITransport`.
        temperature: Of its sampling, as for `OpenAITransport`.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    engine: str | None = None
    prompt: Path | None = None
    photos_per_request: Annotated[int | None, Field(ge=1)] = None
    reads: Annotated[int, Field(ge=1)] = 1
    keep: Keep = "union"
    detail: str | None = None
    reasoning: str | None = None
    temperature: float | None = None

    def make_agent(self, **shared: Any) -> InspectionAgent:
        """Makes its agent.

        Args:
            shared: What all runs of a sweep share: cache, limits, observers.

        Raises:
            ConfigError: There is no such engine, it has no such option, or the prompt cannot be
                read.
        """
        return InspectionAgent(
            self._make_engine(),
            prompt=self.prompt,
            photos_per_request=self.photos_per_request,
            reads=self.reads,
            keep=self.keep,
            **shared,
        )

    def _make_engine(self) -> str | OpenAITransport | None:
        options = {
            name: value
            for name in ("detail", "reasoning", "temperature")
            if (value := getattr(self, name)) is not None
        }
        if not options:
            return self.engine
        if self.engine is None or not self.engine.startswith(OPENAI):
            raise ConfigError(
                f"run {self.name}: {', '.join(options)} is for engines named openai:MODEL; name "
                "one, or leave it out"
            )
        return OpenAITransport(self.engine.removeprefix(OPENAI), **options)


class SweepPlan(Value):
    """What a sweep tries, on which cases, by which labels, for how many dollars in all.

    Attributes:
        cases: A file of JSON lines, as for `many`.
        labels: What people saw, as for `evaluate`; without it, only what was paid and found is
            told.
        usd: Dollars that all runs together may take, those of an earlier start included.
        match: What must be the same of a finding and its label, as for `evaluate`.
        overlap: The least overlap of their boxes, as for `evaluate`.
        run: What to try; the first is what the others are compared with.
    """

    cases: Path
    labels: Path | None = None
    usd: Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
    match: Tolerance = "type"
    overlap: Annotated[float, Field(gt=0, le=1)] = 0.5
    run: Annotated[tuple[SweepRun, ...], Field(min_length=1)]

    @field_validator("run")
    @classmethod
    def _check_names(cls, runs: tuple[SweepRun, ...]) -> tuple[SweepRun, ...]:
        names = [one.name.casefold() for one in runs]
        if doubled := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two runs are named {doubled!r}; give each a name of its own")
        return runs

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """Reads a plan from a TOML file; paths in it are relative to its folder.

        Raises:
            ConfigError: It cannot be read, is no plan, or names a file that is not there.
        """
        file = to_path(path, "plan")
        table = parse_table(read_text(file, "plan"), file, form="TOML", exact=True)
        files = list(_place(table, file.parent))
        try:
            plan = cls.model_validate(table)
        except ConfigError as error:
            raise ConfigError(f"{file}: {error}") from None
        if missing := [named for named in files if not named.is_file()]:
            raise ConfigError(f"{file} names {missing[0]}, which is no file; mend its path")
        return plan

    def execute(
        self,
        out: Path | str,
        *,
        make_agent: MakeAgent = SweepRun.make_agent,
        on_run: Callable[[str], object] | None = None,
    ) -> Sweep:
        """Runs all of it, one run after the other, and compares them. Started again, it goes on.

        Args:
            out: A folder; each run has its results, its ledger and its settings in a folder of its
                own there, and all share a cache.
            make_agent: Makes the agent of a run, for one of your own.
            on_run: Is told the name of each run before it begins.

        Raises:
            ConfigError: The folder cannot be written to, or holds a run of this name with other
                settings.
        """
        from inspectiq.evaluation._sweeping import execute

        return execute(self, to_path(out, "folder"), make_agent, on_run)

    def preview(self, *, make_agent: MakeAgent = SweepRun.make_agent) -> dict[str, str]:
        """Estimates what each run takes, by name; reads photos, sends nothing.

        Raises:
            ConfigError: A run cannot be made, or the cases cannot be read.
        """
        from inspectiq.evaluation._sweeping import preview

        return dict(preview(self, make_agent))


def _place(table: dict[str, Any], folder: Path) -> Iterator[Path]:
    """Puts the folder of a plan before the paths in it, and lists them."""
    runs = table.get("run")
    tables = [table, *(run for run in (runs if isinstance(runs, list) else []))]
    for part in tables:
        for name in ("cases", "labels", "prompt"):
            if isinstance(part, dict) and isinstance(path := part.get(name), str):
                part[name] = folder / path
                yield folder / path
