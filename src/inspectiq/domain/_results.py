"""The results of inspections and diagnoses: photo outcomes, findings, costs, provenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import PrivateAttr

from inspectiq._short_forms import shorten
from inspectiq._taking import require, require_all
from inspectiq._tracebacks import hide_locals
from inspectiq._usage import Usage
from inspectiq._values import FROZEN, FrozenMap, Moment, PlainSchema, Value
from inspectiq.domain._agreement import ReadCounts
from inspectiq.domain._emergencies import Emergency, Screening
from inspectiq.domain._findings import Finding, Issue
from inspectiq.domain._handles import Handles
from inspectiq.domain._money import CostEstimate
from inspectiq.domain._photo import SHOWN_SIDE, PhotoFault, PhotoRef, PhotoWarning
from inspectiq.domain._property import CaseFacts
from inspectiq.domain._provenance import Provenance
from inspectiq.domain._reviews import Decision
from inspectiq.domain._stored import Stored
from inspectiq.domain._summary import Summary
from inspectiq.domain._suspicions import Suspicion
from inspectiq.errors import IncompleteResult, UnknownPhoto

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from PIL import Image

    from inspectiq.costs._book import CostBook
    from inspectiq.reports._brand import Brand
    from inspectiq.reports._frames import FrameLibrary
    from inspectiq.reports._language import Language
    from inspectiq.reports._records import RowLevel
    from inspectiq.severity._profile import SeverityProfile

__all__ = [
    "Inspection",
    "PhotoOutcome",
    "PhotoStatus",
    "Result",
    "Status",
    "decide_status",
]

Status = Literal["complete", "partial", "failed"]
PhotoStatus = Literal["assessed", "triaged", "unclear", "duplicate", "failed"]

MOST_NAMED = 20  # photos that an error names


class PhotoOutcome(Value):
    """The outcome of one photo: whether an engine assessed it, and why not.

    Attributes:
        photo: The photo.
        status: `assessed` (read by an engine that sees all groups), `triaged` (read by one that
            sees only `groups`), `unclear` (looked at, could not tell), `duplicate`, `failed`.
        groups: Taxonomy groups that the engine could see; None for all of them.
        reason: Why it is unclear, in the engine's words.
        retake: What to photograph next, in the engine's words.
        duplicate_of: Id of the earlier photo that shows the same.
        fault: Why it failed.
        warnings: Of the photo's quality; never a reason to reject it.
        mended: What of the answer was read although it was not as agreed, and how often in the
            whole answer; by the names of `VisionResponse.mended`.
        engine: Identity of the engine that answered.
        reads: What became of each of its reads; None where it was read once.
        second_look: What became of a second look at it; None where there was none.
        second_look_fault: Why that look failed.
    """

    photo: PhotoRef
    status: PhotoStatus
    groups: tuple[str, ...] | None = None
    reason: str | None = None
    retake: str | None = None
    duplicate_of: str | None = None
    fault: PhotoFault | None = None
    warnings: tuple[PhotoWarning, ...] = ()
    mended: Annotated[Mapping[str, int], FROZEN] = FrozenMap()
    engine: str | None = None
    reads: ReadCounts | None = None
    second_look: PhotoStatus | None = None
    second_look_fault: PhotoFault | None = None

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield "photo", shorten(self.photo.id)
        yield "name", shorten(self.photo.name)
        yield "status", self.status
        if self.duplicate_of:
            yield "duplicate_of", shorten(self.duplicate_of)
        if self.fault:
            yield "fault", self.fault.reason or self.fault.error
        if self.warnings:
            yield "warnings", self.warnings

    def _repr_html_(self) -> str:
        from inspectiq.reports._notebook_values import render_outcome

        return render_outcome(self)


@hide_locals
class Result(Stored):
    """Base of results: the fields and methods that inspections and diagnoses share.

    `result["p1"]` is the outcome of the photo with that id, and `"p1" in result` tells whether
    there is one. Going through a result gives its fields, as of every value.

    Attributes:
        schema_version: Version of this form, `1` or `1.x`; a reader refuses a newer major one.
        id: Deterministic over case, photos and configuration where the host gave the case an id.
        revision: 1, or what the host gave with the case; one more than its parent's in each result
            that came from another.
        parent: Id of the result that this one came from: regraded, reviewed, or answered.
        created_at: When it was made.
        status: `complete` only if every photo was assessed (or stands for one that was).
        case: What the case was about.
        photos: One outcome for each photo, in the order they came.
        summary: Counts and a headline.
        cost: What all findings cost together, visits shared; None where nothing was priced.
        usage: Requests, tokens and dollars that were spent.
        provenance: The agent, prompt, rules and engines that made it.
        screening: The emergencies found in the words, before any engine was asked.
        suspicions: Signs that a text speaks to the engine instead of about the property.
    """

    _named: ClassVar[str] = "issues"  # the field that holds its findings

    schema_version: str = "1"
    id: str
    revision: int = 1
    parent: str | None = None
    created_at: Moment | None = None
    status: Status
    case: CaseFacts
    photos: tuple[PhotoOutcome, ...]
    summary: Summary
    cost: CostEstimate | None = None
    usage: Usage
    provenance: Provenance
    screening: Screening | None = None
    suspicions: tuple[Suspicion, ...] = ()

    _handles: Handles = PrivateAttr(default_factory=Handles)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        yield "id", self.id
        yield "status", self.status
        yield "case", self.case.id
        yield "photos", len(self.photos)
        yield self._named, len(self.found)

    def remember(self, photos: Mapping[str, Any]) -> Self:
        """Keeps photo handles by id, so that renderers can show the photos; returns itself.

        Each finding keeps those of the photos that show it, for `finding.show()`.
        """
        require(photos, Mapping, "photos", "give a mapping of photo ids to photos")
        known = {**self._handles.by_id, **photos}
        self._handles = Handles(known)
        refs = {outcome.photo.id: outcome.photo for outcome in self.photos}
        for finding in self.found:
            ids = {item.photo_id for item in finding.evidence} & refs.keys() & known.keys()
            finding._handles = Handles({one: (refs[one], known[one]) for one in ids})  # noqa: SLF001 - its own parts
        return self

    @property
    def handles(self) -> Mapping[str, Any]:
        """Photo handles of a live result by photo id; empty after JSON or pickle."""
        return MappingProxyType(self._handles.by_id)

    def raise_for_status(self) -> Self:
        """Raises if some photos were not assessed; returns itself if complete.

        Raises:
            IncompleteResult: Some photos were not assessed; carries the result.
        """
        if self.status != "complete":
            counts = ", ".join(f"{n} {s}" for s, n in self.summary.by_photo_status.items())
            raise IncompleteResult(
                f"the result is {self.status}: of {len(self.photos)} photos {counts}; "
                "see result.photos for what to do about each",
                result=self,
            )
        return self

    def __getitem__(self, photo_id: str, /) -> PhotoOutcome:
        """Finds the outcome of one photo by its id: `result["p1"]`.

        Raises:
            UnknownPhoto: The result has no such photo; a KeyError as well.
        """
        for outcome in self.photos:
            if outcome.photo.id == photo_id:
                return outcome
        raise UnknownPhoto(_describe_unknown(photo_id, [one.photo.id for one in self.photos]))

    def __contains__(self, photo_id: object, /) -> bool:
        """Tells whether the result has a photo of this id: `"p1" in result`."""
        return any(outcome.photo.id == photo_id for outcome in self.photos)

    @property
    def emergencies(self) -> tuple[Emergency, ...]:
        """The emergencies that the words tell of, with what to do now; the most pressing first."""
        return self.screening.emergencies if self.screening else ()

    @property
    def suspected_injection(self) -> bool:
        """Whether some text seems to give the engine instructions; see `suspicions`."""
        return bool(self.suspicions)

    @property
    def found(self) -> tuple[Finding, ...]:
        """The findings: `issues` of an inspection, `findings` of a diagnosis."""
        findings: tuple[Finding, ...] = getattr(self, self._named)
        return findings

    def with_found(self, findings: Sequence[Finding], **update: Any) -> Self:
        """Copies the result with other findings; the caller mends counts and cost."""
        kept = require_all(findings, "findings", "give findings")
        for finding in kept:
            require(finding, Finding, "findings", "give findings")
        return self.model_copy(update={self._named: kept, **update}).remember({})

    def regrade(
        self,
        *,
        severity: SeverityProfile | Path | str | None = None,
        cost_book: CostBook | Path | str | None = None,
        as_of: date | None = None,
    ) -> Self:
        """Grades and prices the same observations by other rules; no engine is asked.

        Args:
            severity: Another policy, the name of one that ships, such as `nspire`, or the path of
                a file; None to keep what was decided.
            cost_book: Another cost book, `us`, or the path of a file; None to keep what was priced.
            as_of: The day whose rules count.

        Returns:
            A new result, the next revision, that names this one as its parent; this one if nothing
            changes.

        Raises:
            ConfigError: The policy does not apply on that day, or there is none of that name.
        """
        from inspectiq._regrading import regrade_result

        return regrade_result(self, severity=severity, cost_book=cost_book, as_of=as_of)

    def with_review(
        self,
        finding_id: str,
        decision: Decision,
        *,
        by: str,
        at: datetime,
        because: str = "",
        severity_policy: SeverityProfile | Path | str | None = None,
        cost_book: CostBook | Path | str | None = None,
        **changes: Any,
    ) -> Self:
        """Applies a person's decision about one finding, and returns the changed result.

        Args:
            finding_id: Which finding.
            decision: `accepted`, `edited` or `rejected`.
            by: Who decided.
            at: When; with a time zone.
            because: Why.
            severity_policy: Grades the finding again, now that a person has looked; None to keep
                its level, which may be "needs review". As for `regrade`.
            cost_book: The book that priced the result prices it again, since what findings shared
                changes when one is rejected or edited; None to keep each finding's price.
            changes: Of an edited finding, the fields that change, as for `Finding.with_review`.

        Returns:
            A new result, the next revision, that names this one as its parent, with new counts and
            cost.

        Raises:
            ConfigError: There is no such finding, the decision cannot be, or another book was
                given than priced it.
        """
        from inspectiq._reviewing import review_result

        decided = {"by": by, "at": at, "because": because, **changes}
        return review_result(self, finding_id, decision, severity_policy, cost_book, decided)

    def write_pictures(self, folder: Path | str, photos: Any = None) -> tuple[Path, ...]:
        """Writes a picture with numbered boxes for each photo that shows a finding.

        Args:
            folder: Where to write; made if need be.
            photos: Mapping of photo id to a path, bytes or Photo, or a folder that holds the
                photos by name, or a callable of a PhotoRef; a live result needs none.
        """
        from inspectiq.reports._pictures import write_pictures

        return write_pictures(self, folder, photos)

    def show(
        self,
        which: str | PhotoOutcome | Finding,
        *,
        photos: Any = None,
        long_side: int = SHOWN_SIDE,
    ) -> Image.Image:
        """Shows a photo with numbered boxes; a notebook displays what a cell ends with.

            inspection.show("p1")  # with the boxes of all its findings
            inspection.show(inspection.issues[0])  # with those of one

        Args:
            which: The id of a photo, an outcome, or a finding, of which the first photo is shown.
            photos: As for `write_pictures`; a live result needs none.
            long_side: The most pixels on the longer side.

        Raises:
            ConfigError: The photo is not found, or is not the one that was inspected.
            PhotoError: It cannot be read any more.
            UnknownPhoto: The result has no such photo.
        """
        from inspectiq.reports._showing import show_photo

        return show_photo(self, which, photos, long_side)

    def _repr_html_(self) -> str:
        from inspectiq.reports._notebook import render_result

        return render_result(self)

    @classmethod
    def build_schema(cls) -> dict[str, Any]:
        """Builds the JSON Schema of what `to_json` writes; its `$id` carries the version."""
        return PlainSchema.build(cls, cls.__name__.lower(), cls.current_schema.partition(".")[0])

    def to_markdown(
        self,
        more: Mapping[str, Iterable[str]] | None = None,
        *,
        language: Language | str | None = None,
    ) -> str:
        """Renders the report as Markdown.

        Args:
            more: Sections of your own: lines of plain text by title.
            language: Of the report, such as `es`; that of the case if not given.
        """
        from inspectiq.reports._markdown import render_markdown

        return render_markdown(self, more=more, language=language)

    def to_html(
        self,
        photos: Any = None,
        *,
        brief: bool = False,
        brand: Brand | None = None,
        language: Language | str | None = None,
        max_bytes: int = 12_000_000,
    ) -> str:
        """Renders the report as one HTML file that loads nothing, with pictures within.

        Args:
            photos: Where the photos are, as for `write_pictures`; a live result needs none.
            brief: Two pages for who lives there, without costs.
            brand: Names, logo, colour and words of your own.
            language: Of the report, such as `es`; that of the case if not given.
            max_bytes: What the file may have, about; pictures are made smaller for it.

        Raises:
            ConfigError: An argument is wrong, or a template of your own fails.
        """
        from inspectiq.reports._html import render_html

        return render_html(
            self, photos, brief=brief, brand=brand, language=language, max_bytes=max_bytes
        )

    def to_pdf(
        self, photos: Any = None, *, fonts: Iterable[Path | str] = (), **options: Any
    ) -> bytes:
        """Prints the report as a PDF; needs the extra `pdf`.

        Args:
            photos: Where the photos are, as for `write_pictures`; a live result needs none.
            fonts: Font files that are tried before those of the machine.
            options: As for `to_html`.

        Raises:
            ConfigError: An argument is wrong, the extra or Pango is missing, or no font has a
                character of the report.
        """
        from inspectiq.reports._pdf import render_pdf

        return render_pdf(self, photos, fonts=fonts, **options)

    def to_records(self, level: RowLevel = "issues") -> list[dict[str, Any]]:
        """Makes a dict of each row of a table; for several results, `reports.to_records`.

        Args:
            level: What a row stands for: `issues` (the findings, also of a diagnosis), `photos` or
                `cost_lines`.

        Raises:
            ConfigError: There are no such rows.
        """
        from inspectiq.reports._records import to_records

        return to_records(self, level)

    def to_dataframe(
        self,
        level: RowLevel = "issues",
        *,
        library: FrameLibrary | None = None,
        severity: SeverityProfile | Path | str | None = None,
    ) -> Any:
        """Makes a frame of pandas or polars of the rows, with a stated type for each column.

        Args:
            level: What a row stands for, as for `to_records`.
            library: `pandas` or `polars`; what is installed if not given, pandas before polars.
            severity: The profile whose levels the column `severity` has, where it is your own.

        Raises:
            ConfigError: The library is not installed, a level is not of the profile given, or
                there are no such rows.
        """
        from inspectiq.reports._frames import to_dataframe

        return to_dataframe(self, level, library=library, severity=severity)

    def to_csv(self, level: RowLevel = "issues") -> str:
        """Writes the rows as CSV, safe in a spreadsheet; `reports.write_csv` writes a file.

        Args:
            level: What a row stands for, as for `to_records`.

        Raises:
            ConfigError: There are no such rows.
        """
        from inspectiq.reports._csv import to_csv

        return to_csv(self, level)

    def to_json(self) -> str:
        """Writes the result as indented JSON; `model_validate_json` reads it back."""
        return self.model_dump_json(indent=2) + "\n"


def _describe_unknown(asked: object, known: Sequence[str]) -> str:
    """Says which photos there are, in place of one that was asked for."""
    there = ", ".join(map(repr, known[:MOST_NAMED])) or "none"
    if len(known) > MOST_NAMED:
        there += f" and {len(known) - MOST_NAMED} more"
    how = "" if isinstance(asked, str) else "; by position it is result.photos[0]"
    return f"the result has no photo {asked!r}; its photos are {there}{how}"


class Inspection(Result):
    """The result of an inspection.

    Attributes:
        kind: Tells results apart in JSON.
        issues: Findings, worst first.
    """

    kind: Literal["inspection"] = "inspection"
    issues: tuple[Issue, ...] = ()


def decide_status(outcomes: tuple[PhotoOutcome, ...]) -> Status:
    """Decides the status: complete (all assessed), failed (no engine saw any photo), or partial.

    A duplicate counts as the photo that it stands for. A triage is never complete: its engine
    cannot see most of what an inspection looks for.
    """
    by_id = {outcome.photo.id: outcome.status for outcome in outcomes}
    statuses = Counter(
        by_id.get(outcome.duplicate_of or "", "failed")
        if outcome.status == "duplicate"
        else outcome.status
        for outcome in outcomes
    )
    if statuses["assessed"] == statuses.total() > 0:
        return "complete"
    return "partial" if statuses.total() > statuses["failed"] else "failed"
