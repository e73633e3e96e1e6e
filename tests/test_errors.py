import copy
import inspect
import json
import pickle
from decimal import Decimal

import pytest

from inspectiq import Usage, errors

CASES = (
    errors.InspectIQError("x", usage=Usage(requests=2), attempts=2),
    errors.ConfigError("x"),
    errors.UnknownPhoto("x"),
    errors.PhotoError("x", photo="a.jpg", reason="damaged"),
    errors.TransportError("x", provider="p"),
    errors.RateLimited("x", provider="p", status_code=429, retry_after=1.5, request_id="r"),
    errors.QuotaExhausted("x"),
    errors.AuthenticationFailed("x"),
    errors.BadRequest("x", status_code=400, reason="too_large"),
    errors.ProviderTimeout("x"),
    errors.ProviderUnavailable("x", usage=Usage(requests=3), attempts=3),
    errors.OutputError("x"),
    errors.OutputTruncated("x", usage=Usage(output_tokens=9)),
    errors.OutputRefused("x"),
    errors.OutputFiltered("x"),
    errors.OutputInvalid("x", problems={1: "no verdict"}, usage=Usage(requests=1)),
    errors.UnsafeURL("x", url="http://host/", reason="private_address"),
    errors.FetchFailed("x", reason="status", status_code=503),
    errors.DeliveryError("x", reason="full"),
    errors.InvalidWebhook("x", reason="signature"),
    errors.BudgetExceeded("x", limit=Decimal(1), spent=Decimal("0.9"), needed=Decimal("0.2")),
)


@pytest.mark.parametrize("error", CASES, ids=lambda error: type(error).__name__)
def test_every_error_pickles_and_copies_with_all_that_it_carries(
    error: errors.InspectIQError,
) -> None:
    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


@pytest.mark.parametrize("error", CASES, ids=lambda error: type(error).__name__)
def test_every_error_comes_back_from_json_with_all_that_it_carries(
    error: errors.InspectIQError,
) -> None:
    twin = errors.InspectIQError.from_dict(json.loads(json.dumps(error.to_dict())))
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)


def test_every_error_class_can_be_made_from_its_message_alone() -> None:
    for cls in {type(error) for error in CASES} | {errors.IncompleteResult}:
        bare = cls("what went wrong")  # as a queue does that keeps a class and its arguments
        assert str(bare) == "what went wrong"
        assert (bare.usage is None, repr(bare.to_dict())) == (True, repr(bare.to_dict()))
        assert errors.InspectIQError.from_dict({"error": cls.__name__, "message": "x"}).args == (
            "x",
        )


def test_an_error_from_json_keeps_a_word_that_it_must_not_be_retried() -> None:
    error = errors.ProviderUnavailable("x")
    error.retryable = False
    assert not errors.InspectIQError.from_dict(error.to_dict()).retryable  # type: ignore[attr-defined]


def test_an_error_of_a_hosts_own_comes_back_where_it_is_known() -> None:
    class Flooded(errors.TransportError):
        def __init__(self, message: str, depth: int) -> None:
            super().__init__(message)
            self.depth = depth

    twin = errors.InspectIQError.from_dict(Flooded("deep", 3).to_dict())
    assert isinstance(twin, Flooded)
    assert (twin.depth, str(twin)) == (3, "deep")
    unknown = errors.InspectIQError.from_dict({"error": "Elsewhere", "message": "x"})
    assert type(unknown) is errors.InspectIQError


def test_every_error_class_is_tried_and_drawn_in_the_docstring() -> None:
    classes = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.InspectIQError)
    }
    assert classes - {"IncompleteResult"} == {type(error).__name__ for error in CASES}
    assert all(name in (errors.__doc__ or "") for name in classes)


def test_what_may_work_later_says_so() -> None:
    retryable = {type(error).__name__ for error in CASES if getattr(error, "retryable", False)}
    assert retryable == {"RateLimited", "ProviderTimeout", "ProviderUnavailable"}


def test_the_fault_of_a_photo_and_of_a_configuration_is_a_value_error() -> None:
    assert issubclass(errors.PhotoError, ValueError)
    assert issubclass(errors.ConfigError, ValueError)


@pytest.mark.parametrize("error", [errors.ConfigError, errors.PhotoError, errors.RateLimited])
def test_a_message_is_one_line_without_anything_to_obey(error: type[errors.InspectIQError]) -> None:
    raised = error("a\x1b[31m\nb\u202e.jpg: the file is empty")
    assert str(raised) == "a\\x1b[31m\\nb\\u202e.jpg: the file is empty"
    assert str(pickle.loads(pickle.dumps(raised))) == str(raised)
    assert str(errors.InspectIQError.from_dict(raised.to_dict())) == str(raised)
