"""Calibration: says what the confidence that an engine states is worth, by what people decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self, TypeVar, get_args

from pydantic import Field

from inspectiq._files import FileGiven, decode_text, parse_table, read_given, to_path
from inspectiq._log import warn_caller
from inspectiq._regrading import derive_result
from inspectiq._taking import refuse, require
from inspectiq._tracebacks import hide_locals
from inspectiq._values import hash_content
from inspectiq.domain._calibrated import CalibratedShare
from inspectiq.domain._findings import Finding
from inspectiq.domain._results import Result
from inspectiq.domain._stored import Stored
from inspectiq.errors import ConfigError
from inspectiq.evaluation._calibration_map import (
    CalibrationMap,
    MapKey,
    Method,
    find_map,
    fit_maps,
)
from inspectiq.evaluation._extra import require_extra
from inspectiq.evaluation._figure import FEWEST_CASES
from inspectiq.evaluation._reading import GivenResults
from inspectiq.evaluation._reads import ReadFinding, ReadResult
from inspectiq.evaluation._reliability import Reliability, measure_reliability
from inspectiq.evaluation._reviewed import (
    Gathered,
    Maker,
    count_places,
    gather_reviewed,
    name_maker,
)

__all__ = ["FEWEST_REVIEWED", "Calibration"]

FEWEST_REVIEWED = 100
"""Reviewed findings of a model that a calibration needs. Our assumption: the standard error of a
share near a half is then 0.05."""

KIND = "calibration"
ResultT = TypeVar("ResultT", bound=Result)


class Calibration(Stored):
    """Maps of stated confidence to the share of findings that people confirm, by model and type.

    A model means provider, model and prompt: another prompt asks another question. Where a type has
    too few reviewed findings (50 of 10 properties are needed) its group counts, and where that has
    too few, all findings of the model.

    Attributes:
        schema_version: Version of this form.
        method: How maps were fitted.
        maps: The maps, by model and prompt, those of all findings first.
        reliability: How far confidences were off before and after, by model and prompt.
        gaps: What could not be calibrated, and why.
    """

    schema_version: str = "1"
    method: Method
    maps: Annotated[tuple[CalibrationMap, ...], Field(min_length=1)]
    reliability: tuple[Reliability, ...] = ()
    gaps: tuple[str, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Content hash; findings record it."""
        return hash_content(self)

    @property
    def n(self) -> int:
        """Reviewed findings that it was fitted on, of all models."""
        return sum(one.n for one in self.maps if one.basis == "all")

    @classmethod
    @hide_locals
    def fit(cls, results: GivenResults, *, method: Method = "platt") -> Self:
        """Fits a calibration to what people decided; no engine is asked.

        A finding is right that was accepted or edited, and wrong that was rejected or edited to be
        of another type. A property is what has one address; a case without one counts as one.

        Args:
            results: Reviewed results: what `evaluate` takes.
            method: `platt`, a sigmoid of two numbers; or `isotonic`, rising steps, which follow any
                form and need 1,000 findings or more, as scikit-learn advises.

        Raises:
            ConfigError: Nothing was reviewed, no model has enough reviewed findings, something is
                no result, or the extra `eval` is not installed.
        """
        if method not in get_args(Method):
            refuse(method, "method", "give 'platt' or 'isotonic'")
        require_extra("a calibration", "numpy", "scipy.special", "sklearn.model_selection")
        gathered = gather_reviewed(results)
        enough = {
            maker: sorted(reviewed)  # the order of results changes nothing, not even the hash
            for maker, reviewed in sorted(gathered.by_maker.items())
            if len(reviewed) >= FEWEST_REVIEWED and count_places(reviewed) >= FEWEST_CASES
        }
        few = list(_list_few(gathered, set(enough)))
        if not enough:
            told = "; ".join(few) or "none of one model has a stated confidence"
            raise ConfigError(
                f"too few reviewed findings to calibrate by: {told}; {FEWEST_REVIEWED} findings of "
                f"{FEWEST_CASES} properties are needed of a model with one prompt: review more"
            )
        return cls(
            method=method,
            maps=tuple(
                one
                for maker, reviewed in enough.items()
                for one in fit_maps(maker, reviewed, method).values()
            ),
            reliability=tuple(
                measure_reliability(maker, reviewed, method) for maker, reviewed in enough.items()
            ),
            gaps=(
                *(f"Too few to calibrate: {told}." for told in few),
                *gathered.list_gaps(),
            ),
        )

    @classmethod
    def load(cls, file: FileGiven) -> Self:
        """Reads what `save` wrote.

        Args:
            file: Its path, or an open file.

        Raises:
            ConfigError: It cannot be read, is no calibration, or was changed since it was saved.
        """
        content, path = read_given(file, KIND)
        table = parse_table(decode_text(content, path, KIND), path, form="JSON")
        if not isinstance(table, dict) or not {"sha256", "maps"} <= table.keys():
            raise ConfigError(f"{path} is no calibration; give what `Calibration.save` wrote")
        known = table.pop("sha256")
        read = cls.model_validate_json(json.dumps(table))
        if read.sha256 != known:
            raise ConfigError(
                f"{path} was changed since it was saved: its content has another hash than it "
                "says; fit it again"
            )
        return read

    def save(self, path: Path | str) -> Path:
        """Writes it as JSON with its hash; beside the configuration is a good place.

        No address and no text of a finding is in it.

        Args:
            path: The file, such as `config/calibration.json`.

        Raises:
            ConfigError: It cannot be written.
        """
        file = to_path(path, KIND)
        text = json.dumps({"sha256": self.sha256, **self.model_dump(mode="json")}, indent=2)
        try:
            file.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(
                f"{file}: the {KIND} cannot be written ({type(error).__name__}); give a path in a "
                "folder that is there"
            ) from error
        return file

    def apply(self, result: ResultT) -> ResultT:
        """Adds the calibrated share to each finding of a result; the stated confidence stays.

        Findings of another model or prompt, or of several models, are left as they are, which a
        warning tells. Levels and deadlines do not change.

        Args:
            result: An inspection or a diagnosis.

        Returns:
            A new result, the next revision, that names this one as its parent; this one if nothing
            changes.

        Raises:
            ConfigError: It is no result.
        """
        require(result, Result, "result", "give an inspection or a diagnosis")
        read = ReadResult.take(result)
        findings: list[Finding] = []
        left: dict[str, int] = {}
        for finding, seen in zip(result.found, read.found, strict=True):
            maker = name_maker(seen.original, read.provenance)
            if maker is None or maker not in self._by_maker:
                name = "several models or none" if maker is None else ", ".join(maker)
                left[name] = left.get(name, 0) + 1
                findings.append(finding)
                continue
            share = self._calibrate(seen, maker)
            findings.append(finding.model_copy(update={"calibrated": share}))
        if left:
            self._tell_left(left)
        if findings == list(result.found):
            return result
        return derive_result(result, findings, [self.sha256])

    def to_markdown(self) -> str:
        """Writes its maps and the reliability table as Markdown."""
        from inspectiq.evaluation._calibration_report import render_calibration

        return render_calibration(self)

    @cached_property
    def _by_maker(self) -> dict[Maker, dict[MapKey, CalibrationMap]]:
        found: dict[Maker, dict[MapKey, CalibrationMap]] = {}
        for one in self.maps:
            found.setdefault((one.model, one.prompt), {})[one.basis, one.name] = one
        return found

    def _calibrate(self, seen: ReadFinding, maker: Maker) -> CalibratedShare | None:
        stated = seen.original
        used = find_map(self._by_maker[maker], stated.type, stated.group)
        if stated.observed.confidence is None or used is None:
            return None
        return CalibratedShare(
            share=round(used.compute(stated.observed.confidence), 4),
            n=used.n,
            properties=used.properties,
            basis=used.basis,
            sha256=self.sha256,
        )

    def _tell_left(self, left: dict[str, int]) -> None:
        told = "; ".join(f"{n} of {name}" for name, n in left.items())
        known = "; ".join(", ".join(maker) for maker in self._by_maker)
        warn_caller(
            f"findings that the calibration does not know are left as they are: {told}; it was "
            f"fitted on findings of {known}"
        )


def _list_few(gathered: Gathered, enough: set[Maker]) -> Iterator[str]:
    for maker, reviewed in sorted(gathered.by_maker.items()):
        if maker not in enough:
            yield (
                f"{', '.join(maker)} has {len(reviewed)} reviewed findings of "
                f"{count_places(reviewed)} properties"
            )
