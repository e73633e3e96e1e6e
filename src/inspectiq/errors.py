"""The exceptions that inspectiq raises.

    InspectIQError
    ├ ConfigError (ValueError)       the caller's or the configuration's fault; nothing was sent
    │  └ UnknownPhoto (KeyError)        `result["p9"]`, where the result has no such photo
    ├ PhotoError (ValueError)        one photo cannot be used               .photo .reason
    ├ TransportError                 one call to an engine failed           .provider
    │  ├ RateLimited                                                        .request_id
    │  ├ QuotaExhausted                                                     .status_code
    │  ├ AuthenticationFailed                                               .retry_after
    │  ├ BadRequest                     .reason                             .retryable
    │  ├ ProviderTimeout
    │  └ ProviderUnavailable
    ├ OutputError                    the engine answered, nothing of it can be used
    │  ├ OutputTruncated
    │  ├ OutputRefused
    │  ├ OutputFiltered
    │  └ OutputInvalid                                                      .problems
    ├ BudgetExceeded                                                        .limit .spent .needed
    ├ IncompleteResult               raised by `result.raise_for_status()`  .result
    ├ UnsafeURL (ValueError)         a URL that must not be fetched or posted to   .url .reason
    ├ FetchFailed                    what is at a URL did not come        .reason .status_code
    └ DeliveryError                  a webhook was not accepted             .reason
       └ InvalidWebhook              a webhook that came in cannot be trusted

A wrong value, wherever it is given, is a ConfigError that names the argument or field and what to
give instead. All of them pickle, carry `.usage` (what was paid before the failure, or None) and
`.attempts`, and say what went wrong, where, and how to mend it. A message never holds an engine's
text, a postal address, a key or photo bytes, and is one line: what cannot be seen in it is escaped.

Each can be made from its message alone, as queues do that keep a class and its arguments;
`to_dict` and `from_dict` bring the rest through JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from inspectiq._error_forms import read_error, rebuild_error, write_error
from inspectiq._error_reasons import BadRequestReason, FetchReason, PhotoReason, UnsafeReason
from inspectiq._text import escape_invisible

if TYPE_CHECKING:
    from inspectiq._usage import Usage
    from inspectiq.domain._results import Result

__all__ = [
    "AuthenticationFailed",
    "BadRequest",
    "BadRequestReason",
    "BudgetExceeded",
    "ConfigError",
    "DeliveryError",
    "FetchFailed",
    "FetchReason",
    "IncompleteResult",
    "InspectIQError",
    "InvalidWebhook",
    "OutputError",
    "OutputFiltered",
    "OutputInvalid",
    "OutputRefused",
    "OutputTruncated",
    "PhotoError",
    "PhotoReason",
    "ProviderTimeout",
    "ProviderUnavailable",
    "QuotaExhausted",
    "RateLimited",
    "TransportError",
    "UnknownPhoto",
    "UnsafeReason",
    "UnsafeURL",
]


class InspectIQError(Exception):
    """Base of all errors raised by inspectiq.

    Attributes:
        usage: Tokens and dollars that were spent before the failure, or None.
        attempts: How many times the call was sent. 0 if it never was: then it is not tried again,
            and costs nothing. A `TransportError` and an `OutputInvalid` have 1 if not given.
    """

    usage: Usage | None
    attempts: int

    def __init__(self, message: str, *, usage: Usage | None = None, attempts: int = 0) -> None:
        super().__init__(escape_invisible(str(message)))  # it names files, and is printed by hosts
        self.usage = usage
        self.attempts = attempts

    def to_dict(self) -> dict[str, Any]:
        """Writes the error as JSON values, for stores that keep no Python objects; see `from_dict`.

        The result of an `IncompleteResult` is not in it: store that by itself.
        """
        return write_error(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> InspectIQError:
        """Makes the error that `to_dict` wrote; a `ConfigError` raises where it wrote none."""
        if not isinstance(data, Mapping):
            raise ConfigError(f"data: a {type(data).__name__} was given; give what `to_dict` wrote")
        return read_error(data, InspectIQError)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own reduce calls the class with args only and loses keyword-only fields.
        return rebuild_error, (type(self), self.args, dict(self.__dict__))


class ConfigError(InspectIQError, ValueError):
    """The call or the configuration cannot work; nothing was sent."""


class UnknownPhoto(ConfigError, KeyError):
    """A result was asked for a photo that it does not have; the message names those that it has."""

    def __str__(self) -> str:
        return super(LookupError, self).__str__()  # a KeyError shows its message as a literal


class PhotoError(InspectIQError, ValueError):
    """One photo cannot be used. It ends up in that photo's outcome, never ends an inspection.

    Attributes:
        photo: Name of the photo (a file name or key, no folder), "" before it is known.
        reason: One of `PhotoReason`.
    """

    reasons: ClassVar[tuple[str, ...]] = get_args(PhotoReason)

    def __init__(
        self, message: str, *, photo: str = "", reason: PhotoReason = "unreadable"
    ) -> None:
        super().__init__(message)
        self.photo = photo
        self.reason = reason


class TransportError(InspectIQError):
    """A call to an engine failed.

    Attributes:
        provider: Which provider, such as `openai`.
        request_id: The provider's id of the request, for its support desk.
        status_code: HTTP status, None where there was none. With one, budgets take the call for
            answered and free of charge; without, for one that may have been billed.
        retry_after: Seconds the provider asked to wait, None where it did not.
        rate_headers: What the provider said of its rate limits, by header name in lower case.
        retryable: Whether the same request may work later.
    """

    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        request_id: str | None = None,
        status_code: int | None = None,
        retry_after: float | None = None,
        rate_headers: Mapping[str, str] | None = None,
        usage: Usage | None = None,
        attempts: int = 1,
    ) -> None:
        super().__init__(message, usage=usage, attempts=attempts)
        self.provider = provider
        self.request_id = request_id
        self.status_code = status_code
        self.retry_after = retry_after
        self.rate_headers: dict[str, str] = dict(rate_headers or {})


class RateLimited(TransportError):
    """The provider's requests or tokens a minute are used up."""

    retryable = True


class QuotaExhausted(TransportError):
    """The account has no credit left; waiting does not help."""


class AuthenticationFailed(TransportError):
    """The key is missing, wrong, or may not use this model."""


class BadRequest(TransportError):
    """The provider refused the request: an option, the model, a photo, or too much at once.

    Attributes:
        reason: One of `BadRequestReason`; `malformed` where the provider does not say more.
    """

    def __init__(
        self, message: str, *, reason: BadRequestReason = "malformed", **fields: Any
    ) -> None:
        super().__init__(message, **fields)
        self.reason = reason

    @property
    def is_callers(self) -> bool:
        """Whether the caller must mend it, whatever the photos are."""
        return self.reason in ("option", "model", "api", "no_vision")


class ProviderTimeout(TransportError):
    """No answer within the time allowed."""

    retryable = True


class ProviderUnavailable(TransportError):
    """The provider could not be reached or failed on its side."""

    retryable = True


class OutputError(InspectIQError):
    """The engine answered and nothing of the answer can be used; `.usage` says what it cost."""


class OutputTruncated(OutputError):
    """The answer was cut off at the output limit."""


class OutputRefused(OutputError):
    """The model declined to answer."""


class OutputFiltered(OutputError):
    """A content filter stopped the answer."""


class OutputInvalid(OutputError):
    """The answer does not have the agreed form.

    Attributes:
        problems: What is wrong, by photo number in the request; 0 is the whole answer.
    """

    def __init__(
        self,
        message: str,
        *,
        problems: Mapping[int, str] | None = None,
        usage: Usage | None = None,
        attempts: int = 1,
    ) -> None:
        super().__init__(message, usage=usage, attempts=attempts)
        self._problems = dict(problems or {})

    @property
    def problems(self) -> Mapping[int, str]:
        """What is wrong with the answer for single photos, by their number."""
        return MappingProxyType(self._problems)


class BudgetExceeded(InspectIQError):
    """A budget does not allow the call; it was not sent.

    Attributes:
        limit: The budget, in its own unit (US dollars or calls).
        spent: What is spent and held already.
        needed: What the call would have needed.
    """

    def __init__(
        self,
        message: str,
        *,
        limit: Decimal = Decimal(0),
        spent: Decimal = Decimal(0),
        needed: Decimal = Decimal(0),
        usage: Usage | None = None,
    ) -> None:
        super().__init__(message, usage=usage)
        self.limit = limit
        self.spent = spent
        self.needed = needed


class IncompleteResult(InspectIQError):
    """Raised by `result.raise_for_status()` when not every photo was assessed.

    Attributes:
        result: The result as far as it goes; None where only the message came through a queue.
    """

    def __init__(self, message: str, *, result: Result | None = None) -> None:
        super().__init__(message, usage=result.usage if result else None)
        self.result = result


class UnsafeURL(InspectIQError, ValueError):
    """A URL that must not be fetched or posted to; nothing was sent.

    Attributes:
        url: The URL without userinfo and query.
        reason: One of `UnsafeReason`.
    """

    def __init__(self, message: str, *, url: str = "", reason: UnsafeReason = "malformed") -> None:
        super().__init__(message)
        self.url = url
        self.reason = reason


class FetchFailed(InspectIQError):
    """A URL could not be fetched, or its content cannot be used.

    Attributes:
        reason: One of `FetchReason`.
        status_code: HTTP status, None where there was none.
    """

    def __init__(
        self, message: str, *, reason: FetchReason = "unreachable", status_code: int | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.status_code = status_code


class DeliveryError(InspectIQError):
    """A webhook could not be stored in the outbox; nothing of it is kept.

    Attributes:
        reason: A short word: `too_large`; of an SQLite outbox `locked`, `full`, `read_only`,
            `disk`, `corrupt`, `closed` or `failed`; of an outbox of your own, its own.
    """

    def __init__(self, message: str, *, reason: str = "failed") -> None:
        super().__init__(message)
        self.reason = reason


class InvalidWebhook(DeliveryError, ValueError):
    """A webhook that came in cannot be trusted: answer 400, and act on nothing of it.

    Attributes:
        reason: `header`, `timestamp`, `signature`, `replayed` or `body`.
    """
