"""Reads the answers of the two APIs; one that is not known to be finished is an error. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from inspectiq._text import replace_surrogates
from inspectiq._usage import Usage
from inspectiq._values import FrozenMap
from inspectiq.errors import BadRequest, OutputInvalid, ProviderUnavailable
from inspectiq.transports._base import VisionResponse
from inspectiq.transports._openai.bodies import read_model
from inspectiq.transports._openai.endings import Ending, choose_worst, classify_ending
from inspectiq.transports._openai.usage import read_usage
from inspectiq.transports._profile import EngineProfile

__all__ = ["read_chat", "read_responses"]

_ALONE = re.compile(r"\s*(?:\{.*\}|```\w*\s*\{.*\}\s*```)\s*", re.DOTALL)


# -- chat completions ------------------------------------------------------------------------------


def read_chat(body: Mapping[str, Any], profile: EngineProfile) -> VisionResponse:
    """Reads an answer of `/chat/completions`.

    Raises:
        ProviderUnavailable: It is no answer of this API, or it broke off.
        BadRequest: It is one of the Responses API.
        OutputInvalid: It ended in a way that is not known, or holds two different answers.
    """
    usage = read_usage(body)
    choices = _to_mappings(body.get("choices"))
    if not choices and isinstance(body.get("output"), list):
        _raise_other_api("the Responses API", "responses", usage)
    if not choices:
        _raise_no_answer(usage)
    ending = choose_worst(map(_read_choice_ending, choices))
    messages = _to_mappings([choice.get("message") for choice in choices])
    is_finished = ending in ("stop", "tool")
    if is_finished and not messages:
        _raise_no_answer(usage)
    texts = dict.fromkeys(map(_read_message, messages))
    texts.pop(("", ""), None)
    if is_finished and len(texts) > 1:
        _raise_invalid("it holds two different answers", usage)
    text, place = next(iter(texts), ("", ""))
    if ending == "tool" and place != "tool_arguments":
        _raise_invalid("it ended in a call of a tool that nobody offered", usage)
    return _build_response(body, profile, text, place, ending, usage)


def _read_choice_ending(choice: Mapping[str, Any]) -> Ending:
    message = _to_mapping(choice.get("message"))
    endings = _read_finish_words(choice, message)
    if message.get("refusal") or _has_refusal(message):
        endings.append("refusal")
    if _is_filtered(choice):
        endings.append("filter")
    if choice.get("error"):  # what of it could be told is told before
        endings.append("unfinished")
    return choose_worst(endings)


def _read_finish_words(choice: Mapping[str, Any], message: Mapping[str, Any]) -> list[Ending]:
    """Reads every word for the end of an answer that a server and its gateways wrote."""
    endings = [classify_ending(choice.get("finish_reason"))]
    native = classify_ending(choice.get("native_finish_reason") or "stop")
    if native != "unknown":  # a router that says `stop` beside it knows the word better
        endings.append(native)
    for holder in (choice, message):
        extra = _to_mapping(holder.get("provider_specific_fields"))
        # A gateway that made `stop` of something else keeps the true word here; null is one too.
        if "native_finish_reason" in extra:
            endings.append(classify_ending(extra["native_finish_reason"]))
    return endings


def _is_filtered(choice: Mapping[str, Any]) -> bool:
    verdicts = _to_mapping(choice.get("content_filter_results")).values()
    return any(_to_mapping(verdict).get("filtered") is True for verdict in verdicts)


def _has_refusal(message: Mapping[str, Any]) -> bool:
    return any(part.get("type") == "refusal" for part in _to_mappings(message.get("content")))


def _read_message(message: Mapping[str, Any]) -> tuple[str, str]:
    """Reads the answer in a message, and where it stood; "" for the usual place."""
    content = message.get("content")
    if isinstance(content, Mapping):
        inner = content.get("text")
        return (inner if isinstance(inner, str) else json.dumps(content)), "content_as_object"
    text = content if isinstance(content, str) else _join_text(_to_list(content))
    if text.strip():
        return text, ""
    if called := _read_arguments(message):
        return called, "tool_arguments"
    if thought := _read_thought(message):
        return thought, "reasoning_content"
    return "", ""


def _read_thought(message: Mapping[str, Any]) -> str:
    """Reads a thought that is the answer and nothing else; a draft within a thought is none."""
    for name in ("reasoning_content", "reasoning"):
        thought = message.get(name)
        if isinstance(thought, str) and _ALONE.fullmatch(thought):
            return thought
    return ""


def _join_text(parts: Iterable[Any]) -> str:
    """Joins the texts of a content's parts, without thoughts."""
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Mapping) and part.get("type", "text") in ("text", "output_text"):
            value = part.get("text")
            value = value.get("value") if isinstance(value, Mapping) else value
            texts.append(value if isinstance(value, str) else "")
    return "".join(texts)


def _read_arguments(message: Mapping[str, Any]) -> str:
    """Reads the arguments of the one tool that was called; "" where none was, or several."""
    functions = [call.get("function") for call in _to_mappings(message.get("tool_calls"))]
    called = _to_mappings([*functions, message.get("function_call")])
    given = [one.get("arguments") for one in called]
    texts = {one if isinstance(one, str) else json.dumps(one) for one in given if one}
    return texts.pop() if len(texts) == 1 else ""


# -- responses -------------------------------------------------------------------------------------


def read_responses(body: Mapping[str, Any], profile: EngineProfile) -> VisionResponse:
    """Reads an answer of `/responses`.

    Of several messages the final one counts; comments on the way and thoughts never do.

    Raises:
        ProviderUnavailable: It is no answer of this API, or it is not finished.
        BadRequest: It is one of chat completions.
        OutputInvalid: It ended in a way that is not known.
    """
    usage = read_usage(body)
    if isinstance(body.get("choices"), list):
        _raise_other_api("chat completions", "chat", usage)
    if "output" not in body and "status" not in body:
        _raise_no_answer(usage)
    ending = _read_status_ending(body)
    if ending == "stop" and not isinstance(body.get("output"), list):
        _raise_no_answer(usage)
    text, place, endings = _read_output(_to_mappings(body.get("output")))
    return _build_response(body, profile, text, place, choose_worst([ending, *endings]), usage)


def _read_output(items: Sequence[Mapping[str, Any]]) -> tuple[str, str, list[Ending]]:
    """Reads the answer among output items: its text, where it stood ("": as usual), its endings."""
    message = _find_final_message(items)
    if message is not None:
        content = message.get("content")
        text = content if isinstance(content, str) else _join_text(_to_list(content))
        refused: list[Ending] = ["refusal"] if _has_refusal(message) else []
        return text, "", [_read_item_ending(message), *refused]
    calls = [item for item in items if item.get("type") == "function_call"]
    text = _read_arguments({"tool_calls": [{"function": call} for call in calls]})
    return text, "tool_arguments" if text else "", [_read_item_ending(call) for call in calls]


def _find_final_message(items: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Finds the last message marked as final; where none is, the last that is no comment."""
    messages = [item for item in items if item.get("type") == "message"]
    final = [item for item in messages if item.get("phase") == "final_answer"]
    said = final or [item for item in messages if item.get("phase") != "commentary"]
    return said[-1] if said else None


def _read_item_ending(item: Mapping[str, Any]) -> Ending:
    status = item.get("status")
    if status in (None, "completed"):
        return "stop"
    return "length" if status == "incomplete" else "unfinished"


def _read_status_ending(body: Mapping[str, Any]) -> Ending:
    status = body.get("status")
    if status == "completed":
        return "stop"
    if status == "incomplete":
        details = body.get("incomplete_details")
        why = classify_ending(details.get("reason") if isinstance(details, Mapping) else details)
        return "filter" if why == "filter" else "length"
    return "unknown" if classify_ending(status) == "unknown" else "unfinished"


# -- both ------------------------------------------------------------------------------------------


def _build_response(
    body: Mapping[str, Any],
    profile: EngineProfile,
    text: str,
    place: str,
    ending: Ending,
    usage: Usage | None,
) -> VisionResponse:
    """Builds the response; `place` says where the text stood, "" for the usual place.

    Raises:
        ProviderUnavailable, OutputInvalid: The answer is not known to be finished.
    """
    if ending == "unfinished":
        raise ProviderUnavailable("the answer broke off before it was finished", usage=usage)
    if ending == "unknown":
        _raise_invalid("it ended for a reason that is not known to be a good one", usage)
    return VisionResponse(
        text=replace_surrogates(text),
        finish="stop" if ending == "tool" else ending,
        usage=profile.price_usage(usage or Usage(requests=1, usd=None)),
        engine=profile.to_record(read_model(body)),
        mended=FrozenMap({place: 1} if place else {}),
    )


def _to_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _to_mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _to_mappings(value: Any) -> list[Mapping[str, Any]]:
    """Returns the objects of a JSON list; of anything else, none."""
    return [item for item in _to_list(value) if isinstance(item, Mapping)]


def _raise_other_api(name: str, setting: str, usage: Usage | None) -> NoReturn:
    raise BadRequest(
        f"this server answers in the form of {name}; set api='{setting}'", reason="api", usage=usage
    )


def _raise_no_answer(usage: Usage | None) -> NoReturn:
    raise ProviderUnavailable(
        "the server's answer is none of this API; check base_url, and whether the server speaks "
        "the API that was chosen with api=",
        usage=usage,
    )


def _raise_invalid(wrong: str, usage: Usage | None) -> NoReturn:
    raise OutputInvalid(
        f"nothing of the answer can be used ({wrong})", problems={0: wrong}, usage=usage
    )
