"""The offline engine: a triage by classical vision, without a key and without a network."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspectiq._taking import refuse
from inspectiq._tracebacks import hide_locals
from inspectiq._usage import Usage
from inspectiq._values import FrozenMap
from inspectiq.domain._given_taxonomy import take_taxonomy
from inspectiq.domain._photo import PictureFile
from inspectiq.domain._taxonomy import Taxonomy
from inspectiq.errors import ConfigError, OutputInvalid
from inspectiq.limits._image_tokens import FlatTokens
from inspectiq.limits._pricing import Pricing
from inspectiq.photos._image_rule import ImageRule
from inspectiq.photos._photo import Photo
from inspectiq.transports._base import VisionRequest, VisionResponse
from inspectiq.transports._health import EngineHealth
from inspectiq.transports._offline.detector import Detector, Region
from inspectiq.transports._offline.words import ReportedProblem, read_words
from inspectiq.transports._profile import EngineProfile
from inspectiq.transports._wire import asks_overall, fill_blank, make_photo_key

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["OfflineTransport"]

ISSUE_TYPE = "crack_kind_unknown"
GROUP = "interior_finish"
SEEN = (
    "A crack-like line, found by an offline triage. It cannot tell how deep it goes, whether it is "
    "in the finish or in the structure, or whether it is an old repair."
)
LEAST_FIT = 0.25  # of words to a type; our assumption
READ = "Read by rules that know common ways to say a thing, and no more. The words fit best:"
NOTHING_TOLD = "the rules recognise no problem in them, which does not mean that there is none"


@hide_locals
class OfflineTransport:
    """Looks for cracks with a `Detector`, and reads words by the taxonomy's symptoms; no more.

    Its photos and words come out as `triaged`, what it saw as in need of review. It writes English.

    Args:
        detector: What finds cracks; the rules that ship with inspectiq if not given.
        taxonomy: What words may tell of; the shipped one if not given.

    Raises:
        ConfigError: The extra `offline` is not installed.
    """

    def __init__(
        self, detector: Detector | None = None, *, taxonomy: Taxonomy | Path | str | None = None
    ) -> None:
        self._taxonomy = Taxonomy.default() if taxonomy is None else take_taxonomy(taxonomy)
        if detector is not None and not callable(getattr(detector, "detect", None)):
            refuse(detector, "detector", "give an object with name, version and detect(picture)")
        self._detector = detector or _make_detector()
        self.profile: EngineProfile = EngineProfile(
            provider="offline",
            model=self._detector.name,
            settings=FrozenMap(version=self._detector.version),
            # As much as the detector works at; fine lines suffer first from JPEG, hence 92.
            image=ImageRule(long_side=1024, short_side=1024, quality=92),
            photos_per_request=4,
            groups=(GROUP,),
            looks_for="cracks",
            types=(ISSUE_TYPE,),
            deterministic=True,
            metered=False,
            pricing=Pricing(input=Decimal(0), output=Decimal(0)),
            image_tokens=FlatTokens(tokens=0),
        )

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Looks for cracks in the photos, and for symptoms in the words."""
        schema = request.schema.to_dict()
        verdicts: dict[str, str] = {}
        issues: list[dict[str, Any]] = []
        sent: dict[str, PictureFile] = {}
        for part in request.photos:
            sent[str(part.number)], regions = await self._detect(part.photo)
            verdicts[make_photo_key(part.number)] = "assessed"
            issues += [_write_observation(part.number, region) for region in regions]
        answer: dict[str, Any] = {"photos": verdicts}
        if asks_overall(schema):
            told = self._read_words(request.words, _list_types(schema))
            issues = [_keep_known_fields(issue, schema) for issue in issues]
            issues += [self._write_problem(one) for one in told]
            answer["overall"] = fill_blank(
                schema, "overall", self._write_overall(request.words, told)
            )
        answer["issues"] = [_fill_finding(schema, given) for given in issues]
        return VisionResponse(
            text=json.dumps(answer),
            usage=Usage(requests=1),
            engine=self.profile.to_record(),
            sent=FrozenMap(sent),
        )

    async def check(self) -> EngineHealth:
        """Reports that the engine can be used, which holds once it was made."""
        return EngineHealth(ok=True, provider=self.profile.provider, model=self.profile.model)

    def _read_words(self, words: str, types: Container[str]) -> list[ReportedProblem]:
        """Finds the problems that the words report, of those types that an answer may name."""
        told = read_words(words, self._taxonomy)
        return [one for one in told if one.type in types and one.score >= LEAST_FIT]

    def _write_problem(self, told: ReportedProblem) -> dict[str, Any]:
        """Writes a problem that the words report as a finding of an answer."""
        return {
            "issue_type": told.type,
            "description": told.words,
            "evidence": [],
            "facts": list(told.facts),
            "severity": self._taxonomy[told.type].usual_level,
            "confidence": round(told.score, 3),
        }

    def _write_overall(self, words: str, told: Sequence[ReportedProblem]) -> dict[str, Any]:
        """Writes the `overall` of an answer, as far as rules can tell."""
        if not words:
            return {"account": ""}
        if not told:
            return {"words": {"unclear": NOTHING_TOLD, "retake": None}, "account": ""}
        kinds = [self._taxonomy[one.type] for one in told]
        return {
            "words": "assessed",
            "account": f"{READ} {'; '.join(kind.label for kind in kinds)}.",
            "photos_next": [
                f"{kind.label}: once from close by and once from further away"
                for kind in kinds
                if kind.seen_by == "photo"
            ],
        }

    async def _detect(self, photo: Photo) -> tuple[PictureFile, tuple[Region, ...]]:
        """Looks for damage in one photo, and returns what was looked at with what was found."""
        prepared = await photo.aprepare_for(self.profile.image)
        detection = await asyncio.to_thread(
            lambda: self._detector.detect(_read_pixels(prepared.jpeg))
        )
        return prepared.sent, detection.regions


def _make_detector() -> Detector:
    """Makes the detector that ships with inspectiq."""
    try:
        from inspectiq.transports._offline.cracks import CrackDetector
    except ImportError as error:
        raise ConfigError(
            f"the offline engine needs {error.name}; install it with "
            "`pip install 'inspectiq[offline]'`"
        ) from error
    return CrackDetector()


def _read_pixels(jpeg: bytes) -> NDArray[np.uint8]:
    """Decodes a JPEG as H×W×3 uint8 RGB."""
    import numpy as np
    from PIL import Image

    with Image.open(io.BytesIO(jpeg), formats=["JPEG"]) as picture:
        return np.asarray(picture.convert("RGB"))


def _write_observation(number: int, region: Region) -> dict[str, Any]:
    """Writes a region of a photo as a finding of an answer."""
    return {
        "issue_type": ISSUE_TYPE,
        "description": SEEN,
        "evidence": [{"photo": number, "box": [round(side * 1000) for side in region.box]}],
        "confidence": round(region.score, 3),
        "area": "unit",
        "condition": "unclear",
    }


def _fill_finding(schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Fills the fields of a finding that are not given with null or an empty list."""
    try:
        return fill_blank(schema, "finding", given)
    except KeyError as missing:
        raise OutputInvalid(
            f"the offline engine cannot fill the wire field {missing}; "
            "let it be None in your observation model"
        ) from None


def _list_types(schema: Mapping[str, Any]) -> Container[str]:
    """Lists the types of issue that an answer may name."""
    types: list[str] = schema["$defs"]["finding"]["properties"]["issue_type"]["enum"]
    return types


def _keep_known_fields(issue: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Drops the fields of a finding that the answer's schema does not have."""
    known = schema["$defs"]["finding"]["properties"]
    return {name: value for name, value in issue.items() if name in known}
