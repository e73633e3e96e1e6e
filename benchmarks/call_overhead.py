"""What a call costs the client's processor, beside the SDK alone, and what the wrappers cost.

    python benchmarks/call_overhead.py --base-url http://127.0.0.1:8000/v1 [--model gpt-6-luna]

The server must speak OpenAI's API; its time does not count. Both sides send the same picture of
about 200 KB with the same schema and validate the answer, in turns.
"""

import argparse
import asyncio
import base64
import io
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Any

from openai import AsyncOpenAI
from PIL import Image

from inspectiq import Case, InspectionAgent, IssueObservation, OpenAITransport, Photo, VisionRequest
from inspectiq.agents import PhotoVerdict
from inspectiq.domain import Value
from inspectiq.testing import FunctionTransport, make_answer
from inspectiq.transports import Checked, stack


class Answer(Value):
    """The same answer as a pydantic model, as one would write it by hand."""

    photos: dict[str, PhotoVerdict]
    issues: tuple[IssueObservation, ...]


async def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--model", default="gpt-6-luna")
    parser.add_argument("--calls", type=int, default=60, help="in each round")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()

    photo = Photo.from_bytes(_draw_picture(), name="wall.jpg", id="p1")
    engine = OpenAITransport(given.model, base_url=given.base_url, api_key="sk-benchmark")
    agent = InspectionAgent(engine)
    (request,) = agent.plan(await agent.aexamine(Case(id="c", photos=(photo,))))
    size = len((await request.photos[0].photo.aprepare_for(engine.profile.image)).jpeg)

    whole, raw = stack(engine), _make_raw_call(given, request, engine)
    ours: list[float] = []
    theirs: list[float] = []
    await whole.send(request), await raw()  # connections, imports
    for _ in range(given.rounds):
        ours.append(await _measure_cpu(lambda: whole.send(request), given.calls))
        theirs.append(await _measure_cpu(raw, given.calls))
    print(f"a picture of {size / 1000:.0f} KB, {given.calls} calls x {given.rounds} rounds")
    print(f"SDK create and validate  {statistics.median(theirs) * 1e3:6.2f} ms of CPU a call")
    print(f"the whole stack          {statistics.median(ours) * 1e3:6.2f} ms of CPU a call")
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    print(f"ratio                    {statistics.median(ratios):6.2f}")
    await engine.aclose()

    double = FunctionTransport(make_answer)
    check, stacked = Checked(double), stack(double)
    alone = await _measure_cpu(lambda: check.send(request), 300)
    full = await _measure_cpu(lambda: stacked.send(request), 300)
    bare = await _measure_cpu(lambda: double.send(request), 300)
    print(f"check of an answer       {(alone - bare) * 1e6:6.0f} us")
    print(f"the wrappers besides     {(full - alone) * 1e6:6.0f} us")


async def _measure_cpu(call: Callable[[], Awaitable[Any]], calls: int) -> float:
    begun = time.process_time()
    for _ in range(calls):
        await call()
    return (time.process_time() - begun) / calls


def _make_raw_call(
    given: argparse.Namespace, request: VisionRequest, engine: OpenAITransport
) -> Callable[[], Awaitable[Answer]]:
    client = AsyncOpenAI(base_url=given.base_url, api_key="sk-benchmark", max_retries=0)
    schema = request.schema.to_dict()

    async def call() -> Answer:
        jpeg = (await request.photos[0].photo.aprepare_for(engine.profile.image)).jpeg
        url = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
        content: Any = [
            {"type": "input_text", "text": request.text},
            {"type": "input_image", "image_url": url, "detail": "high"},
        ]
        response = await client.responses.create(
            model=given.model,
            instructions=request.instructions,
            input=[{"role": "user", "content": content}],
            text={
                "format": {
                    "type": "json_schema",
                    "name": "answer",
                    "schema": schema,
                    "strict": True,
                }
            },
        )
        return Answer.model_validate_json(response.output_text)

    return call


def _draw_picture() -> bytes:
    """Draws a noisy picture that is sent as it is and takes about 200 KB."""
    noise = Image.frombytes("RGB", (220, 165), random.Random(1).randbytes(220 * 165 * 3))
    file = io.BytesIO()
    noise.resize((1008, 756), Image.Resampling.BILINEAR).save(file, "JPEG", quality=82)
    return file.getvalue()


if __name__ == "__main__":
    asyncio.run(main())
