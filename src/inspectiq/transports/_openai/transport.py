"""The OpenAI engine."""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from pydantic import JsonValue

from inspectiq import _sync
from inspectiq._gate import Gate
from inspectiq._settings import Settings
from inspectiq._text import replace_surrogates
from inspectiq._usage import Usage
from inspectiq._values import FrozenMap, hash_content
from inspectiq.errors import (
    ConfigError,
    InspectIQError,
    TransportError,
)
from inspectiq.limits._models import ModelInfo, ModelTable
from inspectiq.limits._pricing import Pricing
from inspectiq.photos._rule import ImageRule
from inspectiq.transports._base import EngineProfile, VisionRequest, VisionResponse
from inspectiq.transports._checkup import Checkup
from inspectiq.transports._openai.bodies import json_in, no_object, safe_id, safe_name
from inspectiq.transports._openai.check import check_engine
from inspectiq.transports._openai.clients import (
    Clients,
    Key,
    maker,
    required,
)
from inspectiq.transports._openai.counting import usage_in
from inspectiq.transports._openai.dialects import ChatCompletions, Dialect, ResponsesApi, Wording
from inspectiq.transports._openai.discretion import discreet
from inspectiq.transports._openai.faults import (
    Call,
    error_in,
    fault_of,
    fault_of_call,
    rate_headers,
)

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

__all__ = ["OpenAITransport"]

DIALECTS: Mapping[str, Dialect] = {"responses": ResponsesApi(), "chat": ChatCompletions()}

# Our assumptions. Eight findings of about 110 tokens and a verdict, for each photo; and what a
# model may think on top, by effort.
OUTPUT_TOKENS_PER_PHOTO = 1000
REASONING_TOKENS = {"none": 0, "minimal": 500, "low": 2000, "medium": 4000, "high": 16000}
# Of pictures, whose requests take four thirds of that as base64 until they are answered.
BYTES_IN_FLIGHT = 64_000_000


class OpenAITransport:
    """OpenAI's models, and every server that speaks their API.

        OpenAITransport("gpt-4.1")
        OpenAITransport("qwen2.5-vl", api="chat", base_url="http://127.0.0.1:8000/v1")
        OpenAITransport("my-deployment", client=AsyncAzureOpenAI(...), table=...)

    One client for each running loop; closing the transport closes those that it made, and the next
    call opens new ones. It sends once: the stack around it retries.

    Args:
        model: Name of the model; `OPENAI_MODEL` if not given.
        api: `responses` (nothing is stored at the provider), or `chat` for servers that speak only
            chat completions.
        api_key: Text, a secret, or a function that is asked at each call; `OPENAI_API_KEY` if not
            given. A server named by `base_url` may need none.
        base_url: Another server; `OPENAI_BASE_URL` if not given.
        organization, project: Whom to bill, where a key serves several.
        client: An `AsyncOpenAI` (or Azure's) of yours, for the loop that you use it on; it is never
            closed here, and its own retries are not used.
        detail: How closely the model looks, as it accepts it: `low`, `high`, `original`. Never
            `auto`, which costs up to five times as much on some models.
        image: Size and quality of the pictures; the largest that costs no extra tokens if not
            given. Smaller ones are cheaper.
        temperature: Sampling; 0 where the model accepts it, if not given.
        reasoning: Effort, for models that take one. If not given, `low` where the model would make
            more of its own accord: to look takes little thought, and thought is paid for. Our
            assumption.
        timeout: Seconds for one attempt, from connecting to the last byte.
        strict_schemas: Whether the server keeps to a JSON Schema; if not, it is asked for JSON in
            words, and the answer is validated all the same.
        pricing: What it costs; the model table's figure if not given.
        table: Models by name; the one that ships with inspectiq if not given.
        provider: Whom results, events and errors name.

    Raises:
        ConfigError: No model, no key, or an option that the model does not accept.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        api: Literal["responses", "chat"] = "responses",
        api_key: Key | None = None,
        base_url: str | None = None,
        organization: str | None = None,
        project: str | None = None,
        client: AsyncOpenAI | None = None,
        detail: str = "high",
        image: ImageRule | None = None,
        temperature: float | None = None,
        reasoning: str | None = None,
        timeout: float | None = None,
        strict_schemas: bool = True,
        pricing: Pricing | None = None,
        table: ModelTable | None = None,
        provider: str = "openai",
    ) -> None:
        if api not in DIALECTS:
            raise ConfigError(f"api={api!r} is none; choose one of {', '.join(DIALECTS)}")
        settings = Settings.from_env()
        model = (model or settings.openai_model or "").strip()
        given: object = timeout
        if given is not None and not (isinstance(given, int | float) and given > 0):
            raise ConfigError(f"timeout={given!r} is no number of seconds above 0")
        if not model:
            raise ConfigError(
                "no model given; name one, as in 'openai:gpt-4.1', or set OPENAI_MODEL"
            )
        known = (ModelTable.default() if table is None else table).find(model)
        if known is None:
            warnings.warn(
                f"the model {model!r} is not in the model table: its picture sizes, prices and "
                "options are not known; add it with ModelTable.default().with_models(...)",
                stacklevel=2,
            )
        _check_options(model, known, detail=detail, temperature=temperature, reasoning=reasoning)
        if reasoning is None and known is not None:
            reasoning = _least_effort(known)
        if temperature is None and known is not None and known.takes_temperature(reasoning):
            temperature = 0.0
        base_url = base_url or settings.openai_base_url
        self._api, self._dialect = api, DIALECTS[api]
        self._timeout = timeout or settings.timeout or 60.0
        self._wording = Wording(
            model=model,
            detail=detail,
            temperature=temperature,
            reasoning=reasoning,
            reasoning_tokens=_room_to_think(known, reasoning),
            strict=strict_schemas,
            pays_for_cache=known is not None and known.pricing.cache_write is not None,
            # Reasoning models refuse the old name; other servers may know no other.
            modern=base_url is None or (known is not None and bool(known.reasoning)),
        )
        # A copy with the same connections: the stack owns retries.
        self._given = client and client.with_options(max_retries=0)
        if api_key is None:
            api_key = settings.openai_api_key
        self._clients = Clients(
            maker(
                required(api_key, base_url) if client is None else None,
                base_url=base_url,
                organization=organization or settings.organization,
                project=project or settings.project,
                timeout=self._timeout,
            )
        )
        self._in_flight = Gate(BYTES_IN_FLIGHT)
        server = str(client.base_url) if client else base_url
        options: dict[str, JsonValue | None] = {
            "api": api,
            "detail": detail,
            "temperature": temperature,
            "reasoning": reasoning,
            # Another server may serve another model by the same name.
            "server": hash_content(server)[:16] if server else None,
        }
        self.profile = EngineProfile(
            provider=provider,
            model=model,
            settings=FrozenMap(
                {name: value for name, value in options.items() if value is not None}
            ),
            image=image or (known.image_rule(detail) if known else ImageRule()),
            max_output_tokens_per_photo=OUTPUT_TOKENS_PER_PHOTO,
            reasoning_tokens=self._wording.reasoning_tokens,
            strict_schemas=strict_schemas,
            pricing=pricing or (known.pricing if known else None),
            image_tokens=known.image_tokens(detail) if known else None,
            context_tokens=known.context_tokens if known else None,
        )

    # -- the pure halves -------------------------------------------------------------------------

    def encode(self, request: VisionRequest, jpegs: Mapping[int, bytes]) -> dict[str, Any]:
        """The body of a request, as JSON. Pure.

        Args:
            request: What is asked.
            jpegs: The prepared pictures, by photo number.
        """
        body: dict[str, Any] = self._dialect.encode(request, jpegs, self._wording)
        return body

    def decode(
        self, body: Mapping[str, Any], headers: Mapping[str, str] = FrozenMap()
    ) -> VisionResponse:
        """Reads a body of an answer. Pure; `sent` is filled in by `send`.

        Raises:
            InspectIQError: It is an error, no answer of the chosen API, or not a finished one; with
                the usage, where the server told it.
        """
        return self._decode(body, headers, photos=0)

    def _decode(
        self, body: Mapping[str, Any], headers: Mapping[str, str], photos: int
    ) -> VisionResponse:
        try:
            if (error := error_in(body)) is not None:
                fault = fault_of(self._call(photos), error, headers=headers)
                fault.usage = usage_in(body)
                raise fault
            reply = self._dialect.decode(body)
        except InspectIQError as fault:
            fault.usage = fault.usage and self.profile.priced(fault.usage)
            if isinstance(fault, TransportError):
                fault.provider = self.profile.provider
                fault.request_id = fault.request_id or safe_id(headers.get("x-request-id"))
            raise
        return VisionResponse(
            text=replace_surrogates(reply.text),
            finish=reply.finish,
            usage=self.profile.priced(reply.usage or Usage(requests=1, usd=None)),
            engine=self.profile.record(safe_name(reply.model)),
            request_id=safe_id(headers.get("x-request-id")),
            rate_headers=FrozenMap(rate_headers(headers)),
            mended=reply.mended,
        )

    # -- the call --------------------------------------------------------------------------------

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Sends a request once.

        Raises:
            TransportError: By what the server or the network answered.
            PhotoError: A photo cannot be read any more.
        """
        pictures = {
            part.number: await part.photo.aprepared(self.profile.image) for part in request.photos
        }
        sent = {str(number): picture.sent for number, picture in pictures.items()}
        async with self._in_flight.aheld(sum(file.bytes for file in sent.values())):
            # Nothing here holds on to the pictures while the answer is waited for.
            raw = await self._post(
                self.encode(request, {n: pictures.pop(n).jpeg for n in tuple(pictures)}),
                photos=len(sent),
            )
        response = self._read(raw, photos=len(sent))
        return response.model_copy(update={"sent": FrozenMap(sent), "raw": raw})

    async def check(self) -> Checkup:
        """Asks about a tiny picture: whether a call would work now, and what the server leaves out.

        It costs some hundred tokens, and tells a wrong key, an unknown model, missing credit and a
        full rate limit apart; also a model that takes no pictures, and a server that keeps neither
        to a schema nor to the bound on an answer.
        """
        return await check_engine(self.send, self.profile)

    async def aopen(self) -> None:
        """Imports the SDK, which takes about half a second."""
        await asyncio.to_thread(import_module, "openai")

    async def aclose(self) -> None:
        """Closes the clients that it made; the next call opens new ones."""
        await self._clients.aclose()

    def close(self) -> None:
        """Sync twin of `aclose`."""
        _sync.run(self.aclose())

    def __repr__(self) -> str:
        return f"<OpenAITransport {self.profile.model!r} detail={self._wording.detail!r}>"

    def _call(self, photos: int) -> Call:
        profile = self.profile
        return Call(profile.provider, profile.model, photos, self._api, self._timeout)

    async def _post(self, body: dict[str, Any], photos: int) -> httpx2.Response:
        import httpx2

        client = self._given
        sent: dict[str, Any] = {"body": body}
        if client is None:
            # As bytes, which the SDK passes on: of a dict it would keep two more copies until the
            # answer is there. A host's client may have to look into it, as Azure's does.
            client = self._clients.current()
            sent = {"content": json.dumps(body, separators=(",", ":")).encode()}
        body = {}
        try:
            # The SDK's own timeout starts anew with each byte; this one does not.
            async with asyncio.timeout(self._timeout):
                with discreet():
                    answer: httpx2.Response = await client.post(
                        self._dialect.path, cast_to=httpx2.Response, **sent
                    )
                    return answer
        except Exception as error:
            fault = fault_of_call(self._call(photos), error)
            fault.usage = fault.usage and self.profile.priced(fault.usage)
        # Raised here, so that the SDK's error, which holds the whole request, does not come along.
        raise fault

    def _read(self, raw: httpx2.Response, photos: int = 0) -> VisionResponse:
        body = json_in(raw)
        if isinstance(body, Mapping) or error_in(body) is not None:
            return self._decode(body, raw.headers, photos)
        raise no_object(self._call(photos), body, raw)


def _check_options(model: str, known: ModelInfo | None, **options: Any) -> None:
    if options["detail"] == "auto":
        raise ConfigError(
            "detail='auto' is refused, since it means full size on some models; say low or high"
        )
    if known is None:
        return
    if options["temperature"] is not None and not known.takes_temperature(options["reasoning"]):
        raise ConfigError(f"{model} takes no temperature; leave it out")
    if options["reasoning"] is not None and options["reasoning"] not in known.reasoning:
        accepted = ", ".join(known.reasoning) or "none at all"
        raise ConfigError(f"{model} does not take reasoning={options['reasoning']!r}: {accepted}")


def _least_effort(known: ModelInfo) -> str | None:
    eager = known.default_effort not in (None, "none", "minimal", "low")
    return "low" if eager and "low" in known.reasoning else None


def _room_to_think(known: ModelInfo | None, reasoning: str | None) -> int:
    effort = reasoning or (known.default_effort if known else None) or "none"
    return REASONING_TOKENS.get(effort, REASONING_TOKENS["high"])
