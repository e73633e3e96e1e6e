"""The events of a run and of its calls to engines."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from inspectiq.events._base import Event

if TYPE_CHECKING:
    from inspectiq._usage import Usage
    from inspectiq.domain._results import PhotoStatus, Status

__all__ = [
    "AttemptFailed",
    "AttemptStarted",
    "BudgetRefused",
    "BudgetReserved",
    "CacheHit",
    "CasesProgressed",
    "EmergencyDetected",
    "FellBack",
    "PhotoCompleted",
    "PhotoExamined",
    "RateWaited",
    "RequestAnswered",
    "RequestFailed",
    "RequestSent",
    "RunCompleted",
    "RunStarted",
    "SinkFailed",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """An inspection or a diagnosis begins, with so many photos.

    Attributes:
        photos: How many.
    """

    photos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyDetected(Event):
    """The words that came with a case tell of an emergency; no engine has been asked yet.

    Attributes:
        kinds: Such as `gas_smell`, the most pressing first.
    """

    is_notable = True

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoExamined(Event):
    """A photo was read, measured and prepared, or turned out to be unusable.

    Attributes:
        reason: Why it cannot be used (a `PhotoReason`), None if it can.
    """

    photo_id: str
    name: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSent(Event):
    """A request goes to the engine.

    Attributes:
        photo_ids: The photos that it is about.
        ask: How often they were asked about, this time included.
        read: Which of several reads it belongs to, from 1.
        look: 1, or 2 for a second look at photos that seemed clean.
    """

    photo_ids: tuple[str, ...]
    ask: int
    read: int = 1
    look: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestAnswered(Event):
    """An engine answered.

    Attributes:
        photo_ids: The photos that it was asked about.
        provider: The engine's provider.
        model: Its model, as it named itself.
        usage: What the answer cost.
        seconds: From sending to the checked answer.
        problems: How many of the photos have no usable answer in it.
        findings: How many findings it reports; the result may have fewer, since those that are
            told of twice are merged.
        read: Which of several reads it belongs to, from 1.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    usage: Usage
    seconds: float
    problems: int = 0
    findings: int = 0
    read: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed(Event):
    """A request failed for good.

    Attributes:
        photo_ids: The photos that it was about.
        provider: Provider of the engine that was asked.
        model: Its model.
        error: Class of the error.
        seconds: From sending to failing.
        usage: What was paid all the same; None where nothing is known of it.
        reason: Why, in a word such as `http_503`, `timeout` or `length`; or what inspectiq itself
            says of it, such as `not JSON`. None where the class is all that is known.
    """

    is_notable = True

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    error: str
    seconds: float
    usage: Usage | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptStarted(Event):
    """One attempt at a request goes out.

    Attributes:
        photo_ids: The photos that it is about.
        provider: Provider of the engine that it goes to.
        model: Its model.
        attempt: 1, 2, … of the same request.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed(Event):
    """An attempt failed.

    Attributes:
        photo_ids: The photos that it was about.
        provider: Provider of the engine that it went to.
        model: Its model.
        attempt: 1, 2, … of the same request.
        error: Class of the error.
        status_code: HTTP status, None where there was none.
        wait: Seconds until the next attempt; None if there is none.
        reason: Why, as of a `RequestFailed`.
    """

    is_notable = True

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    attempt: int
    error: str
    status_code: int | None = None
    wait: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateWaited(Event):
    """A request waited for its turn within the rate limits.

    Attributes:
        photo_ids: The photos that it is about.
        key: Which limits.
        seconds: How long it waited.
    """

    photo_ids: tuple[str, ...]
    key: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheHit(Event):
    """An answer came from the cache, or was shared with a call in flight for the same content.

    Attributes:
        photo_ids: The photos that it is about.
        provider: Provider of the engine whose answer it is.
        model: Its model.
        saved: What it cost when it was paid for.
    """

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    saved: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetReserved(Event):
    """A budget set money aside for an attempt, until its real cost is known.

    Attributes:
        photo_ids: The photos that it is about.
        usd: Dollars held; None where the price is not known.
    """

    photo_ids: tuple[str, ...]
    usd: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRefused(Event):
    """A budget did not allow a request; it was not sent.

    Attributes:
        photo_ids: The photos that it was about.
        provider: Provider of the engine that it would have gone to.
        model: Its model.
        limit: Of the budget, in its own unit.
        spent: What was spent or is reserved.
        needed: What the request may cost.
    """

    is_notable = True

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    limit: Decimal
    spent: Decimal
    needed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack(Event):
    """An engine failed and the next one is asked.

    Attributes:
        photo_ids: The photos that it is about.
        provider: Provider of the engine that failed.
        model: Its model.
        error: Class of the error.
        to_provider: Provider of the engine that is asked now.
        to_model: Its model.
        reason: Why, as of a `RequestFailed`.
    """

    is_notable = True

    photo_ids: tuple[str, ...]
    provider: str
    model: str
    error: str
    to_provider: str
    to_model: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoCompleted(Event):
    """A photo has its outcome; sent for each photo of a run once the result is made.

    Attributes:
        photo_id: The photo.
        status: Its outcome.
    """

    photo_id: str
    status: PhotoStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCompleted(Event):
    """A run has its result, which goes to the sinks.

    Attributes:
        result_id: Id of the result.
        status: Complete, partial or failed.
        findings: How many there are.
        usage: What the run cost.
        seconds: How long it took, sinks not included.
        emergencies: How many the result tells of.
    """

    is_notable = True

    result_id: str
    status: Status
    findings: int
    usage: Usage
    seconds: float
    emergencies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesProgressed(Event):
    """A run over many cases has begun, has another outcome, or has ended.

    `case_id` is that of the case whose outcome has come, and "" at the begin and at the end. The
    runs of its cases have ids that begin with its `run_id` and a hyphen.

    Attributes:
        done: How many outcomes have come.
        failed: Those of them that are failed results, or errors.
        resumed: Those of them that stood in the checkpoint.
        total: How many cases there are; None where that is not known before the last.
        usd: Dollars so far, without those of resumed outcomes; None where a price is not known.
        seconds_left: An estimate, by the mean time of a case so far; None where there is none.
        ended: Whether this is the last of these events.
    """

    done: int
    failed: int
    resumed: int
    total: int | None
    usd: Decimal | None
    seconds_left: float | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkFailed(Event):
    """A sink raised; the result is not affected.

    Attributes:
        result_id: Id of the result that it was given.
        sink: Class of the sink.
        error: Class of the error.
    """

    result_id: str
    sink: str
    error: str
