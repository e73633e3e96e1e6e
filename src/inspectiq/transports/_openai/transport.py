"""Sends requests to OpenAI's models, and to servers that speak their API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from inspectiq import _sync
from inspectiq._gate import Gate
from inspectiq._per_loop import ClientPerLoop
from inspectiq._settings import Settings
from inspectiq._taking import refuse
from inspectiq._tracebacks import hide_locals
from inspectiq._values import FrozenMap
from inspectiq.errors import InspectIQError, TransportError
from inspectiq.limits._models import ModelTable
from inspectiq.limits._pricing import Pricing
from inspectiq.photos._image_rule import ImageRule
from inspectiq.transports._base import VisionRequest, VisionResponse
from inspectiq.transports._health import EngineHealth
from inspectiq.transports._openai.apis import choose_api
from inspectiq.transports._openai.bodies import parse_body, pick_rate_headers, read_request_id
from inspectiq.transports._openai.clients import AnswerTooLong, make_client
from inspectiq.transports._openai.error_mapping import (
    Attempt,
    map_error,
    map_exception,
    map_stray_body,
)
from inspectiq.transports._openai.health import check_health
from inspectiq.transports._openai.keys import Key, require_key
from inspectiq.transports._openai.log_redaction import redact_logs
from inspectiq.transports._openai.models import add_shutdown, find_model, read_models
from inspectiq.transports._openai.options import (
    GivenOptions,
    build_profile,
    check_timeout,
    choose_options,
    require_model,
)
from inspectiq.transports._openai.server_errors import find_error
from inspectiq.transports._openai.usage import read_usage
from inspectiq.transports._profile import EngineProfile

if TYPE_CHECKING:
    from openai import AsyncOpenAI, HttpxBinaryResponseContent

__all__ = ["OpenAITransport"]

# Of pictures, whose requests take four thirds of that as base64 until they are answered.
BYTES_IN_FLIGHT = 64_000_000


@hide_locals
class OpenAITransport:
    """OpenAI's models, and every server that speaks their API.

        OpenAITransport("gpt-6-luna")
        OpenAITransport("qwen2.5-vl", api="chat", base_url="http://127.0.0.1:8000/v1")
        OpenAITransport("my-deployment", client=AsyncAzureOpenAI(...), models=...)

    One client for each running loop; closing the transport closes those that it made, and the next
    call opens new ones. It sends once: the stack around it retries.

    Args:
        model: Name of the model; `OPENAI_MODEL` if not given.
        api: `responses` (nothing is stored at the provider), or `chat` for servers that speak only
            chat completions. If not given, as the model table says, else `responses`.
        api_key: Text, a secret, or a function that is asked at each call; `OPENAI_API_KEY` if not
            given. A server named by `base_url` may need none.
        base_url: Another server; `OPENAI_BASE_URL` if not given.
        organization: Whom to bill, where a key serves several.
        project: Which of its projects to bill.
        client: An `AsyncOpenAI` (or Azure's) of yours, for the loop that you use it on; it is never
            closed here, and its own retries are not used.
        detail: How closely the model looks, as it accepts it: `low`, `high`, `original`. Never
            `auto`, which costs up to five times as much on some models. If not given, as the model
            table says, else `high`.
        image: Size and quality of the pictures. If not given, the largest that costs no extra
            tokens, and at most 1024 x 768 where every patch of a picture is paid for;
            `ModelInfo.make_image_rule` makes the largest that the model looks at.
        temperature: Sampling; 0 where the model accepts it, if not given.
        reasoning: Effort, for models that take one. If not given, `low` where the model would make
            more of its own accord: to look takes little thought, and thought is paid for. Our
            assumption.
        timeout: Seconds for one attempt, from connecting to the last byte.
        strict_schemas: Whether the server keeps to a JSON Schema; if not, it is asked for JSON in
            words, and the answer is validated all the same. If not given, as the model table
            says, else True.
        service_tier: Which of the provider's speeds serves the requests, of those that the model
            table prices: `flex` costs half and may take minutes, `priority` the double. Where the
            provider serves a request at another tier, its invoice is right.
        cache_life: How long its prompt cache keeps the instructions, of those that the model table
            prices: `30m` or `12h`, for models whose cache is paid for.
        pricing: What it costs, all told; the model table's figure if not given.
        models: Models by name, or the path of a file; the one that `INSPECTIQ_MODELS` names if not
            given, over the table that ships with inspectiq.
        provider: Name of the provider in results, events and errors.
        warn: Whether to warn of a model that is not in the table, or that was shut down.

    Raises:
        ConfigError: No model, no key, or an option that the model does not accept.
    """

    def __init__(
        self,
        model: str | None = None,
        *,
        api: Literal["responses", "chat"] | None = None,
        api_key: Key | None = None,
        base_url: str | None = None,
        organization: str | None = None,
        project: str | None = None,
        client: AsyncOpenAI | None = None,
        detail: str | None = None,
        image: ImageRule | None = None,
        temperature: float | None = None,
        reasoning: str | None = None,
        timeout: float | None = None,
        strict_schemas: bool | None = None,
        service_tier: str | None = None,
        cache_life: str | None = None,
        pricing: Pricing | None = None,
        models: ModelTable | Path | str | None = None,
        provider: str = "openai",
        warn: bool = True,
    ) -> None:
        if client is not None and not callable(getattr(client, "with_options", None)):
            refuse(client, "client", "give an AsyncOpenAI or AsyncAzureOpenAI")
        settings = Settings.from_env()
        check_timeout(timeout)
        self._timeout = timeout or settings.timeout or 60.0
        model = require_model(model or settings.openai_model)
        base_url = base_url or settings.openai_base_url
        server = str(client.base_url) if client else base_url
        table = read_models(models, settings)
        self._server = server
        self._known = known = find_model(model, table, server=server, warn=warn)
        given = GivenOptions(
            api, detail, temperature, reasoning, strict_schemas, service_tier, cache_life
        )
        self._options = choose_options(model, known, given, models=table, server=server)
        self._api = choose_api(self._options.api)
        key = settings.openai_api_key if api_key is None else api_key
        # A copy with the same connections: the stack owns retries.
        self._given = client and client.with_options(max_retries=0)
        self._clients = ClientPerLoop(
            partial(
                make_client,
                "" if client else require_key(key, base_url),
                base_url=base_url,
                organization=organization or settings.organization,
                project=project or settings.project,
                timeout=self._timeout,
            ),
            close=lambda made: made.close(),
        )
        self._in_flight = Gate(BYTES_IN_FLIGHT)
        self.profile: EngineProfile = build_profile(
            self._options,
            known,
            models=table,
            provider=provider,
            server=server,
            image=image,
            pricing=pricing,
        )

    # -- the pure halves -------------------------------------------------------------------------

    def encode(self, request: VisionRequest, jpegs: Mapping[int, bytes]) -> dict[str, Any]:
        """Writes the body of a request, as JSON. Pure.

        Args:
            request: What is asked.
            jpegs: The prepared pictures, by photo number.
        """
        return self._api.encode(request, jpegs, self._options)

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
            if (told := find_error(body)) is not None:
                error = map_error(self._describe_attempt(photos), told, headers=headers)
                error.usage = read_usage(body)
                raise error
            response = self._api.decode(body, self.profile)
        except InspectIQError as error:
            self._price_error(error)
            if isinstance(error, TransportError):
                error.provider = self.profile.provider
                error.request_id = error.request_id or read_request_id(headers)
            raise
        return response.model_copy(
            update={
                "request_id": read_request_id(headers),
                "rate_headers": FrozenMap(pick_rate_headers(headers)),
            }
        )

    # -- sending ---------------------------------------------------------------------------------

    async def send(self, request: VisionRequest, /) -> VisionResponse:
        """Sends a request once.

        Raises:
            TransportError: By what the server or the network answered.
            PhotoError: A photo cannot be read any more.
        """
        pictures = {
            part.number: await part.photo.aprepare_for(self.profile.image)
            for part in request.photos
        }
        sent = {str(number): picture.sent for number, picture in pictures.items()}
        async with self._in_flight.ahold(sum(file.bytes for file in sent.values())):
            # Nothing here holds on to the pictures while the answer is waited for.
            answer = await self._post(
                self.encode(request, {n: pictures.pop(n).jpeg for n in tuple(pictures)}),
                photos=len(sent),
            )
        response = self._read(answer, photos=len(sent))
        # Its request and its stream hold what was sent: all pictures of a case, until it is done.
        raw = copy(answer.response)
        raw.request = type(raw.request)(raw.request.method, raw.request.url)
        return response.model_copy(update={"sent": FrozenMap(sent), "raw": raw})

    async def check(self) -> EngineHealth:
        """Asks about a tiny picture: whether requests work now, and what the server leaves out.

        It costs some hundred tokens, and tells a wrong key, an unknown model, missing credit and a
        full rate limit apart; also a model that takes no pictures, and a server that keeps neither
        to a schema nor to the bound on an answer; and one that was or will be shut down.
        """
        health = await check_health(self.send, self.profile)
        return add_shutdown(health, await self._list_model(), self._known, server=self._server)

    async def _list_model(self) -> Any:
        """Returns the server's own entry of the model, as JSON; None where it gives none."""
        from openai import HttpxBinaryResponseContent, OpenAIError

        client = self._given or self._clients.get()
        try:
            async with asyncio.timeout(self._timeout):
                with redact_logs():
                    answer = await client.get(
                        f"/models/{quote(self.profile.model, safe='')}",
                        cast_to=HttpxBinaryResponseContent,
                    )
            return parse_body(answer.content)
        except (OpenAIError, TimeoutError, AnswerTooLong):
            return None

    async def aopen(self) -> None:
        """Imports the SDK, which takes about half a second."""
        await asyncio.to_thread(import_module, "openai")

    async def aclose(self) -> None:
        """Closes the clients that it made; the next request opens new ones."""
        await self._clients.aclose()

    def close(self) -> None:
        """Sync twin of `aclose`."""
        _sync.run(self.aclose())

    def __repr__(self) -> str:
        return f"<OpenAITransport {self.profile.model!r} detail={self._options.detail!r}>"

    def _describe_attempt(self, photos: int) -> Attempt:
        profile = self.profile
        known = self._known
        return Attempt(
            profile.provider,
            profile.model,
            photos,
            self._api.name,
            self._timeout,
            known.describe_shutdown(datetime.now(UTC).date()) if known else "",
        )

    def _price_error(self, error: InspectIQError) -> None:
        error.usage = error.usage and self.profile.price_usage(error.usage)

    async def _post(self, body: dict[str, Any], photos: int) -> HttpxBinaryResponseContent:
        from openai import HttpxBinaryResponseContent

        client = self._given
        sent: dict[str, Any] = {"body": body}
        if client is None:
            # As bytes, which the SDK passes on: of a dict it would keep two more copies until the
            # answer is there. A host's client may have to look into it, as Azure's does.
            client = self._clients.get()
            sent = {"content": json.dumps(body, separators=(",", ":")).encode()}
        body = {}
        try:
            # The SDK's own timeout starts anew with each byte; this one does not.
            async with asyncio.timeout(self._timeout):
                with redact_logs():
                    # The SDK's type for a body that it does not read itself.
                    answer: HttpxBinaryResponseContent = await client.post(
                        self._api.path,
                        cast_to=HttpxBinaryResponseContent,
                        # Else photos and words go to whatever host a server names.
                        options={"follow_redirects": False},
                        **sent,
                    )
                    return answer
        except Exception as raised:
            error = map_exception(self._describe_attempt(photos), raised)
            self._price_error(error)
        sent.clear()
        # Raised here, so that the SDK's error, which holds the whole request, does not come along.
        raise error

    def _read(self, answer: HttpxBinaryResponseContent, photos: int = 0) -> VisionResponse:
        raw, body = answer.response, parse_body(answer.content)
        if isinstance(body, Mapping) or find_error(body) is not None:
            return self._decode(body, raw.headers, photos)
        raise map_stray_body(
            self._describe_attempt(photos), body, status=raw.status_code, headers=raw.headers
        )
