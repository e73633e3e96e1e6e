"""Reads an answer of each API. What is not known to be finished is an error that says so. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from inspectiq._usage import Usage
from inspectiq._values import FrozenMap
from inspectiq.errors import BadRequest, OutputInvalid, ProviderUnavailable
from inspectiq.transports._base import Finish
from inspectiq.transports._openai.counting import usage_in
from inspectiq.transports._openai.finishes import Ending, ending_of, worst_ending

__all__ = ["Reply", "read_chat", "read_responses"]

_ALONE = re.compile(r"\s*(?:\{.*\}|```\w*\s*\{.*\}\s*```)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as one of the APIs gave it.

    Attributes:
        text: The answer.
        finish: Why it ended.
        usage: What it took; None where the server does not say.
        model: Who answered, as the server names it.
        mended: What was read although it stood in an odd place, as `VisionResponse.mended`.
    """

    text: str
    finish: Finish
    usage: Usage | None
    model: Any
    mended: Mapping[str, int] = FrozenMap()


# -- chat completions ------------------------------------------------------------------------------


def read_chat(body: Mapping[str, Any]) -> Reply:
    """Reads an answer of `/chat/completions`.

    Raises:
        ProviderUnavailable: It is no answer of this API, or it broke off.
        BadRequest: It is one of the Responses API.
        OutputInvalid: It ended in a way that is not known, or holds two different answers.
    """
    usage = usage_in(body)
    choices = _mappings(body.get("choices"))
    if not choices:
        if isinstance(body.get("output"), list):
            raise BadRequest(
                "this server answers in the form of the Responses API; set api='responses'",
                reason="api",
                usage=usage,
            )
        _raise_no_answer(usage)
    ending = worst_ending(_choice_ending(choice) for choice in choices)
    messages = _mappings([choice.get("message") for choice in choices])
    if ending in ("stop", "tool") and not messages:
        _raise_no_answer(usage)
    texts = {_message_text(message): None for message in messages}
    texts.pop(("", ""), None)
    if len(texts) > 1 and ending in ("stop", "tool"):
        _raise_invalid("it holds two different answers", usage)
    text, place = next(iter(texts), ("", ""))
    if ending == "tool" and place != "tool_arguments":
        _raise_invalid("it ended in a call of a tool that nobody offered", usage)
    return _reply(body, text, place, ending, usage)


def _choice_ending(choice: Mapping[str, Any]) -> Ending:
    message = choice.get("message")
    said = [ending_of(choice.get("finish_reason"))]
    native = ending_of(choice.get("native_finish_reason") or "stop")
    if native != "unknown":  # a router that says `stop` beside it knows the word better
        said.append(native)
    for holder in (choice, message):
        extra = holder.get("provider_specific_fields") if isinstance(holder, Mapping) else None
        # A gateway that made `stop` of something else keeps the true word here; null is one too.
        if isinstance(extra, Mapping) and "native_finish_reason" in extra:
            said.append(ending_of(extra["native_finish_reason"]))
    if isinstance(message, Mapping) and (message.get("refusal") or _has_refusal(message)):
        said.append("refusal")
    results = choice.get("content_filter_results")
    verdicts = results.values() if isinstance(results, Mapping) else ()
    if any(isinstance(one, Mapping) and one.get("filtered") is True for one in verdicts):
        said.append("filter")
    if choice.get("error"):  # what of it could be told is told before
        said.append("unfinished")
    return worst_ending(said)


def _has_refusal(message: Mapping[str, Any]) -> bool:
    return any(part.get("type") == "refusal" for part in _mappings(message.get("content")))


def _message_text(message: Mapping[str, Any]) -> tuple[str, str]:
    """The answer in a message, and the odd place where it stood."""
    content = message.get("content")
    if isinstance(content, Mapping):
        inner = content.get("text")
        return (inner if isinstance(inner, str) else json.dumps(content)), "content_as_object"
    text = content if isinstance(content, str) else _joined(_list(content))
    if text.strip():
        return text, ""
    if called := _arguments(message):
        return called, "tool_arguments"
    for name in ("reasoning_content", "reasoning"):
        thought = message.get(name)
        # Only where it is the answer and nothing else: a draft within a thought is none.
        if isinstance(thought, str) and _ALONE.fullmatch(thought):
            return thought, "reasoning_content"
    return "", ""


def _joined(parts: Iterable[Any]) -> str:
    """The text of parts of a content; what a model thought is none of it."""
    texts = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Mapping) and part.get("type", "text") in ("text", "output_text"):
            value = part.get("text")
            value = value.get("value") if isinstance(value, Mapping) else value
            texts.append(value if isinstance(value, str) else "")
    return "".join(texts)


def _arguments(message: Mapping[str, Any]) -> str:
    """The arguments of the one tool that was called; "" where there is none, or several."""
    functions = [call.get("function") for call in _mappings(message.get("tool_calls"))]
    called = _mappings([*functions, message.get("function_call")])
    given = [one.get("arguments") for one in called]
    texts = {one if isinstance(one, str) else json.dumps(one) for one in given if one}
    return texts.pop() if len(texts) == 1 else ""


# -- responses -------------------------------------------------------------------------------------


def read_responses(body: Mapping[str, Any]) -> Reply:
    """Reads an answer of `/responses`.

    Of several messages the final one counts; comments on the way and thoughts never do.

    Raises:
        ProviderUnavailable: It is no answer of this API, or it is not finished.
        BadRequest: It is one of chat completions.
        OutputInvalid: It ended in a way that is not known.
    """
    usage = usage_in(body)
    if isinstance(body.get("choices"), list):
        raise BadRequest(
            "this server answers in the form of chat completions; set api='chat'",
            reason="api",
            usage=usage,
        )
    if "output" not in body and "status" not in body:
        _raise_no_answer(usage)
    ending = _status_ending(body)
    if ending == "stop" and not isinstance(body.get("output"), list):
        _raise_no_answer(usage)
    items = _mappings(body.get("output"))
    said = [item for item in items if item.get("type") == "message"]
    said = [item for item in said if item.get("phase") != "commentary"]
    final = [item for item in said if item.get("phase") == "final_answer"] or said
    text, place = "", ""
    if final:
        answer = final[-1]
        content = answer.get("content")
        text = content if isinstance(content, str) else _joined(_list(content))
        if _has_refusal(answer):
            ending = worst_ending((ending, "refusal"))
        ending = worst_ending((ending, _item_ending(answer)))
    elif calls := [item for item in items if item.get("type") == "function_call"]:
        text = _arguments({"tool_calls": [{"function": call} for call in calls]})
        place = "tool_arguments" if text else ""
        ending = worst_ending([ending, *map(_item_ending, calls)])
    return _reply(body, text, place, ending, usage)


def _item_ending(item: Mapping[str, Any]) -> Ending:
    status = item.get("status")
    if status in (None, "completed"):
        return "stop"
    return "length" if status == "incomplete" else "unfinished"


def _status_ending(body: Mapping[str, Any]) -> Ending:
    status = body.get("status")
    if status == "completed":
        return "stop"
    if status == "incomplete":
        details = body.get("incomplete_details")
        why = ending_of(details.get("reason") if isinstance(details, Mapping) else details)
        return "filter" if why == "filter" else "length"
    return "unknown" if ending_of(status) == "unknown" else "unfinished"


# -- both ------------------------------------------------------------------------------------------


def _reply(
    body: Mapping[str, Any], text: str, place: str, ending: Ending, usage: Usage | None
) -> Reply:
    """The answer, unless it is not known to be finished; `place` is the odd one where it stood."""
    if ending == "unfinished":
        raise ProviderUnavailable("the answer broke off before it was finished", usage=usage)
    if ending == "unknown":
        _raise_invalid("it ended for a reason that is not known to be a good one", usage)
    finish: Finish = "stop" if ending == "tool" else ending
    mended: FrozenMap[int] = FrozenMap({place: 1} if place else {})
    return Reply(text, finish, usage, body.get("model"), mended)


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON list; of anything else, none."""
    return [item for item in _list(value) if isinstance(item, Mapping)]


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
