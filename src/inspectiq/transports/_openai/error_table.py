"""Tells which error a server means: the table of rules, of which the first that matches decides.

Codes and words as of 2026-11, from the references of OpenAI, Azure, Anthropic, Google, OpenRouter,
DashScope, Zhipu and DeepSeek, and from the answers of vLLM, llama.cpp's server, Ollama and
LiteLLM's proxy, which loses codes so that only words tell.
"""

from __future__ import annotations

from inspectiq.errors import (
    AuthenticationFailed,
    BadRequest,
    OutputFiltered,
    OutputInvalid,
    OutputTruncated,
    ProviderTimeout,
    ProviderUnavailable,
    QuotaExhausted,
    RateLimited,
)
from inspectiq.transports._openai.error_rules import ErrorRule
from inspectiq.transports._openai.server_errors import ServerError

__all__ = ["find_rule"]


def find_rule(error: ServerError) -> ErrorRule:
    """Finds the rule for a server's error; the last one matches every error."""
    return next(rule for rule in RULES if rule.matches(error))


BUSY = (408, 429, 502, 503, 504, 529)
ANY_FAILURE = (None, 409, 424, 425, 498, 499, *range(500, 600))

RULES = (
    ErrorRule(
        BadRequest,
        "one request is over the tokens a minute; {smaller}",
        "too_large",
        words=(r"request too large.*tokens per min",),
    ),
    ErrorRule(
        OutputFiltered,
        "a content filter stopped the request; look at the photos yourself",
        codes=(
            "content_filter*",
            "content_policy*",
            "contentpolicy*",
            "moderation*",
            "data_inspection_failed",
            "datainspectionfailed",
            "responsibleaipolicyviolation",
            "prohibited_content",
            "safety",
            "invalid_prompt",
            "sensitive*",
            "1026",  # MiniMax's
            "1027",
            "1301",  # Zhipu's
        ),
        words=(
            r"content (management )?polic",
            r"content exists risk",
            r"sensitivecontent",
            r"violat\w+ .{0,20}(guideline|polic|terms)",
            r"safety_check",
            r"contentpolicyviolation",
            r"content[_ ]filter",
            r"\bimage_(content_)?policy",
            r"requires moderation",
            r"(was|were|been) flagged",
            r"safety (system|filter|setting|polic)",
            r"(inappropriate|prohibited|harmful|sensitive) content",
            r"prohibited_content",
            r"data ?inspection ?failed",
            r"guardrail",
        ),
        but_not=(r"not (exist|found)", r"\baccount\b.{0,20}flagged"),
        never_at=(402, 429),
    ),
    ErrorRule(
        QuotaExhausted,
        "the account at {provider} has no credit left; add some",
        statuses=(402,),
        codes=(
            "insufficient_quota",
            "billing_*",
            "insufficient_balance",
            "insufficient_credits",
            "payment_required",
            "budget_exceeded",
            "arrearage",
            "accountoverdueerror",
            "exceeded_current_quota*",
            "insufficient_user_quota",
            "pre_consume_token_quota*",
            "allocationquota.freetieronly",
            "1008",  # MiniMax's
            "1113",  # Zhipu's
        ),
        words=(
            r"insufficient (credit|balance|quota|funds)",
            r"balance is (too low|insufficient)",
            r"(all|any|no|out of)( \w+)? credits?\b",
            r"(spend|spending|usage) limits?\b",
            r"key limit exceeded",
            r"budget has been exceeded",
            r"(exceed|exhaust|insufficient|out of|no)\w*\b.{0,20}\bquota\b",
            r"\bquota\b.{0,20}(exceed|exhaust|used up|reached)",
        ),
        but_not=(
            r"per[ _-]?(second|minute|hour|day)",
            r"retry (in|after)",
            r"retrydelay",
            r"credits were charged",
            r"requests_per",
            r"quota increase",
            r"resource_exhausted",
            r"throttling\.",
        ),
    ),
    ErrorRule(
        OutputTruncated,
        "the answer was cut off at the output limit; {smaller}",
        words=(r"could not finish the message", r"output limit was reached"),
        never_at=BUSY,
    ),
    ErrorRule(
        BadRequest,
        "it takes fewer pictures a request; {smaller}",
        "too_many_photos",
        codes=("too_many_images", "max_images*"),
        words=(
            r"(at most|up to) [1-9]\d* (image|picture|photo|multimodal)",
            r"\bimage=[1-9]",
            r"\b(single|multiple) (image|picture)",
            r"too many (image|picture|photo)",
            r"\b(maximum|max|limit)\b.{0,40}\b(images|image_url|pictures)\b",
            r"\b(images|pictures)\b.{0,40}\b(exceed|maximum|limit)",
        ),
        never_at=BUSY,
    ),
    ErrorRule(
        BadRequest,
        "{model} takes no pictures; choose a model that does, or start its server with the part "
        "that reads them",
        "no_vision",
        words=(
            r"images? ?(inputs?|contents?)? ?(is|are)? not (supported|enabled)",
            r"image_url\b.{0,30}not supported",
            r"(not|n't) support (images?\b(?!/| larger| bigger| over)|vision|pictures?|multimodal)",
            r"not a vlm\b",
            r"content must be a string",
            r"required for image input",
            r"unsupported content\[\]\.type",
            r"support image input",
            r"image_url.{0,20} only supported by",
            r"at most 0 (image|picture|photo)",
            r"not a (multimodal|vision)",
            r"unknown variant .?image_url",
            r"text[- ]only model",
        ),
    ),
    ErrorRule(
        BadRequest,
        "it is more than the model's context holds, or than the server takes; {smaller}",
        "too_large",
        statuses=(413,),
        codes=(
            "context_length_exceeded",
            "exceed_context_size_error",
            "request_too_large",
            "string_above_max_length",
            "input_tokens",
            "1261",  # Zhipu's
        ),
        words=(
            r"context[ _]?(length|window|size)",
            r"contextwindowexceeded",
            r"maximum (input|prompt|sequence|token|model)",
            r"max_model_len",
            r"\b(prompt|input|request|message|payload|entity|body)s?\b.{0,30}"
            r"(?<!took )too (long|large)",
            r"too (many|much) (input )?(tokens|text)",
            r"max_(completion_|output_|new_)?tokens.{0,20}too large",
            r"range of input length",
            r"exceeds? the (available|maximum|model)",
            r"token limit",
            r"tokens.{0,20} must be <= ?\d",
            r"(payload|request|body) size",
        ),
        never_at=BUSY,
    ),
    ErrorRule(
        BadRequest,
        "it could not read a picture of the request; look at the photos",
        "photo",
        codes=(
            "invalid_image*",
            "image_*",
            "unsupported_image*",
            "invalid_base64*",
            "empty_image*",
            "failed_to_download_image",
        ),
        words=(
            r"(invalid|corrupt\w*|broken|unsupported|bad) (base64 )?(image|picture)",
            r"(process|decode|parse|read|load|identify|open)\w* "
            r"(the |an? |input |this |your |image )*(image|picture)s?\b"
            r"(?! (feature|processor|encoder|model|token))",
            r"image_url",  # as the place of the error
            r"\bimage (exceeds|dimensions|length and width)|\bimage: unknown format",
            r"images? (larger|bigger) than",
            r"image (data|file|format|size)? ?.{0,20}"
            r"(invalid|corrupt|not valid|not supported|too small)",
            r"invalid_image",
        ),
        but_not=(r"out of memory",),
        never_at=(401, 403, *BUSY),
    ),
    ErrorRule(
        RateLimited,
        "its rate limit is reached; set rpm and tpm to what the account has",
        statuses=(429,),
        codes=("rate_limit*", "ratelimit*", "throttling*", "resource_exhausted", "1002", "1302"),
        words=(r"throttlingexception",),
    ),
    ErrorRule(
        AuthenticationFailed,
        "check the key, and whether it may use {model!r}",
        statuses=(401, 403, 407),
        codes=("invalid_api_key", "authentication*", "api_key_invalid", "unauthorized", "1004"),
        words=(
            r"(invalid|incorrect|wrong|missing|no) (\w+ )?api[ _-]?key",
            r"api[ _-]?key (is )?(not valid|invalid|missing)",
        ),
        never_at=BUSY,
    ),
    ErrorRule(
        BadRequest,
        "check the model {model!r} and base_url",
        "model",
        codes=(
            "model_not_found",
            "model_not_available",
            "invalid_model",
            "notfounderror",
            "deploymentnotfound",
            "1211",  # Zhipu's
        ),
        words=(
            r"\bmodels?\b.{0,80}(not found|not exist|unknown|no longer|not a valid)",
            r"(unknown|invalid|no such|not a valid|not found the) model\b",
            r"on-demand throughput",
            r"(?m)^model: ",
            r"no endpoints found",
        ),
        never_at=BUSY,
    ),
    ErrorRule(
        BadRequest,
        "there is nothing at this path; most servers want base_url to end in /v1: check that, the "
        "model {model!r}, and whether the server speaks this API: {other}",
        "api",
        statuses=(404, 405, 501),
        words=(
            r"unexpected endpoint",
            r"(not|n't) support.{0,20}\bresponses\b",
            r"\bresponses (api|operation)\b.{0,60}\b(not|only)\b",
        ),
    ),
    ErrorRule(
        ProviderTimeout,
        "it did not answer in time",
        statuses=(408, 504),
        codes=("timeout*",),
    ),
    ErrorRule(
        OutputInvalid,
        "the model did not write what was asked for",
        codes=("json_validate_failed",),
    ),
    ErrorRule(
        ProviderUnavailable,
        "it failed on its side; try again later",
        statuses=ANY_FAILURE,
        words=(r"crashed", r"channel error"),
    ),
    ErrorRule(
        BadRequest,
        "it does not take the schema of the answer; set strict_schemas=False",
        "option",
        words=(
            r"response_format",
            r"json[_ ]schema",
            r"text\.format",
            r"guided_json",
            r"grammar",
            r"schema produces",
        ),
    ),
    ErrorRule(
        BadRequest,
        "it does not take an option of the request; leave it out, or name another model",
        "option",
        codes=(
            "unsupported_parameter",
            "unsupported_value",
            "unknown_parameter",
            "temperature",
            "reasoning*",
            "detail",
            "max_tokens",
            "max_completion_tokens",
            "max_output_tokens",
        ),
        words=(r"unsupported (parameter|value)",),
    ),
    ErrorRule(
        BadRequest,
        "it takes the request for malformed; check model, detail and base_url",
        "malformed",
        words=("",),  # every error
    ),
)
