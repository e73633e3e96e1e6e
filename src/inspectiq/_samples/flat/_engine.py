"""An engine that answers with what was written by hand about each picture, and asks no model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from inspectiq._usage import Usage
from inspectiq.transports._answer_builder import AnswerBuilder
from inspectiq.transports._base import VisionRequest, VisionResponse
from inspectiq.transports._profile import EngineProfile

__all__ = ["HandWrittenAnswers"]


class HandWrittenAnswers:
    """Answers about photos by their names.

    Args:
        photos: As `answers.toml` tells of them.
    """

    def __init__(self, photos: Iterable[Mapping[str, Any]]) -> None:
        self.profile: EngineProfile = EngineProfile(
            provider="example", model="answers written by hand", metered=False
        )
        self._by_name = {photo["name"]: photo for photo in photos}

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Answers with what was written about the photos of the request."""
        answer = AnswerBuilder(request)
        for part in request.photos:
            self._answer(answer, part.number, self._by_name[part.photo.name])
        return VisionResponse(text=answer.to_json(), engine=self.profile.to_record(), usage=Usage())

    def _answer(self, answer: AnswerBuilder, number: int, written: Mapping[str, Any]) -> None:
        if "unclear" in written:
            answer.mark_unclear(number, written["unclear"], retake=written["retake"])
        for finding in written.get("findings", ()):
            told = {name: value for name, value in finding.items() if name != "box"}
            answer.add_finding(**told, evidence=[(number, finding["box"])])
