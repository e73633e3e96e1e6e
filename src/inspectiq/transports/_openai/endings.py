"""Tells why an answer ended, from the words of many servers. Only ends known to be good count.

Words as of 2026-11: OpenAI's and Azure's references; Anthropic's, Google's, Mistral's, Cohere's,
Zhipu's and DeepSeek's, which gateways pass on as they are; text-generation-inference's and
Together's `eos`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

__all__ = ["Ending", "choose_worst", "classify_ending"]

Ending = Literal["stop", "tool", "length", "refusal", "filter", "unfinished", "unknown"]
"""As `Finish`; besides, that it ended in a call of a tool, broke off, or ended nobody knows how."""

GOOD = {
    "stop",
    "stop_sequence",  # that of a template, since no request of ours names one
    "end_turn",
    "eos",
    "eos_token",
    "complete",
    "completed",
    "finish_reason_stop",
}
TOOL = {"tool_calls", "function_call", "tool_use", "tool_call"}
CUT = {
    "length",
    "max_tokens",
    "max_output_tokens",
    "max_completion_tokens",
    "model_length",
    "model_context_window_exceeded",
    "finish_reason_max_tokens",
}
REFUSED = {"refusal", "refused"}
FILTERED = (  # parts of words
    "filter",
    "safety",
    "prohibited",
    "sensitive",
    "blocklist",
    "blocked",
    "recitation",
    "spii",
    "moderation",
    "guardrail",
    "toxic",
    "content_policy",
)
BROKEN = {
    "",
    "none",
    "null",
    "error",
    "abort",
    "aborted",
    "cancelled",
    "canceled",
    "failed",
    "in_progress",
    "incomplete",
    "interrupted",
    "network_error",
    "queued",
    "timeout",
    "insufficient_system_resource",
    "malformed_response",
}

MEANINGS: dict[str, Ending] = {
    **dict.fromkeys(GOOD, "stop"),
    **dict.fromkeys(TOOL, "tool"),
    **dict.fromkeys(CUT, "length"),
    **dict.fromkeys(REFUSED, "refusal"),
    **dict.fromkeys(BROKEN, "unfinished"),
}

WORST_FIRST: tuple[Ending, ...] = (
    "filter",
    "refusal",
    "unfinished",
    "length",
    "unknown",
    "tool",
    "stop",
)


def classify_ending(word: Any) -> Ending:
    """Tells what a server's word for the end of an answer means; no word means unfinished."""
    if word is not None and not isinstance(word, str):
        return "unknown"
    said = (word or "").strip().lower().replace("-", "_")
    if said in MEANINGS:
        return MEANINGS[said]
    if any(part in said for part in FILTERED):
        return "filter"
    return "unfinished" if "error" in said else "unknown"


def choose_worst(endings: Iterable[Ending]) -> Ending:
    """Chooses the worst of several endings of an answer."""
    return min(endings, key=WORST_FIRST.index)
