"""Labels: what people saw on the photos of cases."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType

from inspectiq._taking import quote, refuse, require
from inspectiq.domain._given_taxonomy import take_taxonomy
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError
from inspectiq.evaluation._reading import GivenResults

__all__ = ["Corners", "Label", "LabelledPhoto", "Labels"]

Corners = tuple[float, float, float, float]
"""A box `(x0, y0, x1, y1)`, fractions 0–1 of the upright photo, origin top left."""

_GIVE = "give Labels, or the path of a CSV or a COCO file"


@dataclass(frozen=True, slots=True)
class Label:
    """One issue that a person says is on a photo, or is not.

    Attributes:
        type: Key of its type in the taxonomy.
        present: Whether it is there; False where a finding of it was judged to be false.
        box: Where; None where only the photo is known.
        severity: Key of its level, as the person grades it; None where nobody did.
        invoice: What its repair cost, in the currency of the estimates; None if unknown.
        finding_id: The finding that the person looked at; None for an issue that was missed.
    """

    type: str
    present: bool = True
    box: Corners | None = None
    severity: str | None = None
    invoice: Decimal | None = None
    finding_id: str | None = None


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """A photo that a person looked at.

    Attributes:
        case_id: Of its case.
        photo_id: As in the result; "" for what only words tell.
        labels: What the person saw; none of a clean photo.
        whole: Whether all that is there is labelled. False where only findings were judged: then
            nobody knows what was missed, and recall is not counted.
    """

    case_id: str
    photo_id: str
    labels: tuple[Label, ...] = ()
    whole: bool = True

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong on it, for all that a person sees."""
        return self.whole and not any(label.present for label in self.labels)


class Labels:
    """What people saw, photo by photo.

        Labels.from_csv("labels.csv")
        Labels([LabelledPhoto("unit-4b", "p1", (Label("clog"),)), LabelledPhoto("unit-4b", "p2")])

    Args:
        photos: The photos that were looked at, each once.
        taxonomy: The types that there are, as of the agent; the shipped ones if not given.
        unfilled: How many rows of a form nobody has filled in yet; for the report.

    Raises:
        ConfigError: A photo stands twice, a finding has two labels on a photo, or a type, a box or
            an invoice is none.
    """

    def __init__(
        self,
        photos: Iterable[LabelledPhoto],
        *,
        taxonomy: Taxonomy | Path | str | None = None,
        unfilled: int = 0,
    ) -> None:
        self._taxonomy = (
            Taxonomy.default() if taxonomy is None else take_taxonomy(taxonomy, "taxonomy")
        )
        self._by_case: dict[str, dict[str, LabelledPhoto]] = {}
        self.unfilled = unfilled
        self._known: dict[Label, Label] = {}
        if not isinstance(photos, Iterable):
            refuse(photos, "photos", "give LabelledPhoto objects")
        for photo in photos:
            require(photo, LabelledPhoto, "photos", "give LabelledPhoto objects")
            self._add(photo)

    @classmethod
    def of(cls, given: Labels | Path | str) -> Labels:
        """Takes labels, or the path of a file of them: COCO JSON if it ends in `.json`, else CSV.

        Raises:
            ConfigError: It is neither, or the file is wrong.
        """
        if isinstance(given, Labels):
            return given
        require(given, (str, os.PathLike), "labels", _GIVE)
        is_coco = Path(given).suffix.lower() == ".json"
        return cls.from_coco(given) if is_coco else cls.from_csv(given)

    @classmethod
    def from_csv(cls, path: Path | str, *, taxonomy: Taxonomy | Path | str | None = None) -> Labels:
        """Reads the form that `write_template` wrote and a person filled in.

        Args:
            path: The CSV file.
            taxonomy: The types that there are; the shipped ones if not given.

        Raises:
            ConfigError: What is wrong, in which row, and how to mend it.
        """
        from inspectiq.evaluation._label_csv import read_csv

        photos, unfilled = read_csv(path)
        return cls(photos, taxonomy=taxonomy, unfilled=unfilled)

    @classmethod
    def from_coco(
        cls,
        path: Path | str,
        *,
        sent: Path | str | None = None,
        taxonomy: Taxonomy | Path | str | None = None,
    ) -> Labels:
        """Reads what a labelling tool exported; each image in it counts as labelled whole.

        A box around the whole photo counts as no box.

        Args:
            path: The export, as COCO JSON; its categories are types of the taxonomy.
            sent: The file of `to_coco` that the tool got; needed where the tool keeps file names
                only.
            taxonomy: The types that there are; the shipped ones if not given.

        Raises:
            ConfigError: A file is no COCO JSON, an image is not known, or a label is wrong.
        """
        from inspectiq.evaluation._coco import read_coco

        return cls(read_coco(path, sent), taxonomy=taxonomy)

    @classmethod
    def from_reviews(
        cls, results: GivenResults, *, taxonomy: Taxonomy | Path | str | None = None
    ) -> Labels:
        """Takes what people decided about findings: accepted or edited is there, rejected is not.

        What nobody found was not reviewed either, so that recall cannot be counted from these.
        Nobody reviews boxes, so a label has the photo and no box.

        Args:
            results: Reviewed results, as for `evaluate`.
            taxonomy: The types that there are; the shipped ones if not given.

        Raises:
            ConfigError: Something is no result, or nothing in them was reviewed.
        """
        from inspectiq.evaluation._label_reviews import read_reviews

        return cls(read_reviews(results), taxonomy=taxonomy)

    def __len__(self) -> int:
        """The number of labelled photos."""
        return sum(map(len, self._by_case.values()))

    def __iter__(self) -> Iterator[LabelledPhoto]:
        """Goes through the labelled photos."""
        for photos in self._by_case.values():
            yield from photos.values()

    def __repr__(self) -> str:
        return f"Labels({len(self)} photos of {len(self._by_case)} cases)"

    @property
    def case_ids(self) -> tuple[str, ...]:
        """The cases that have a labelled photo."""
        return tuple(self._by_case)

    def get_case(self, case_id: str) -> Mapping[str, LabelledPhoto]:
        """Returns the labelled photos of a case, by photo id."""
        return MappingProxyType(self._by_case.get(case_id, {}))

    def get_group(self, type_key: str) -> str:
        """Returns the group of a type.

        Raises:
            ConfigError: There is no such type.
        """
        return self._taxonomy[type_key].group

    def _add(self, photo: LabelledPhoto) -> None:
        where = name_photo(photo.case_id, photo.photo_id)
        photos = self._by_case.setdefault(photo.case_id, {})
        if photo.photo_id in photos:
            raise ConfigError(f"labels: {where} stands twice; give each photo once")
        known = tuple(self._check(label, where) for label in photo.labels)
        judged = [label.finding_id for label in known if label.finding_id is not None]
        if len(set(judged)) < len(judged):
            twice = next(one for one in judged if judged.count(one) > 1)
            raise ConfigError(
                f"labels: the finding {quote(twice)} has two labels on {where}; keep one, and give "
                "an issue that was missed no finding id"
            )
        photo_id = sys.intern(photo.photo_id)
        photos[photo_id] = replace(photo, photo_id=photo_id, labels=known)

    def _check(self, label: Label, where: str) -> Label:
        require(label, Label, "labels", "give Label objects")
        check_box(label.box, where)
        if label.invoice is not None and not (label.invoice.is_finite() and label.invoice > 0):
            raise ConfigError(
                f"labels: an invoice on {where} is {label.invoice}; give money above 0"
            )
        if label.type not in self._taxonomy:
            names = [kind.key for kind in self._taxonomy.types]
            close = get_close_matches(label.type, names, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            raise ConfigError(
                f"labels: {where} has the type {quote(label.type)}, which is none of "
                f"{self._taxonomy.name} {self._taxonomy.version}{meant}; see `inspectiq taxonomy`, "
                "or give the taxonomy= of the agent"
            )
        kind = self._taxonomy[label.type]
        label = label if kind.key == label.type else replace(label, type=kind.key)
        if label.finding_id is not None or label.box is not None:
            return label
        return self._known.setdefault(label, label)  # of many that are the same, one is kept


def name_photo(case_id: str, photo_id: str) -> str:
    """Names a photo for messages."""
    what = f"the photo {quote(photo_id)}" if photo_id else "what words tell"
    return f"{what} of the case {quote(case_id)}"


def check_box(box: Corners | None, where: str) -> None:
    """Makes sure that a box lies on its photo.

    Raises:
        ConfigError: It does not.
    """
    if box is None:
        return
    x0, y0, x1, y1 = box
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise ConfigError(
            f"labels: a box on {where} is {box}; give x0 < x1 and y0 < y1 as fractions 0–1 of the "
            "upright photo"
        )
