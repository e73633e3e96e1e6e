"""Finds out whether photos can be fetched by URL, before an inspection needs them."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass

from inspectiq._cli.codes import EXIT_CODES
from inspectiq._cli.paths import read_stdin
from inspectiq._cli.terminal import say, say_json
from inspectiq._cli.wording import to_command_words
from inspectiq._files import read_text
from inspectiq._settings import Settings
from inspectiq.errors import ConfigError, PhotoError
from inspectiq.net._net_policy import NetPolicy
from inspectiq.photos._formats import ACCEPTED, HEAD_BYTES, describe_format, sniff
from inspectiq.photos._photo import Photo

__all__ = ["check_urls"]

AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _UrlCheck:
    """The check of one URL; shown by its line's number, since the URL may be signed."""

    line: int
    reachable: bool
    kind: str | None = None
    bytes: int | None = None
    reason: str | None = None
    message: str | None = None

    def __str__(self) -> str:
        if self.reachable:
            return f"line {self.line}: reachable, {self.kind}, {self.bytes:,} bytes"
        return f"line {self.line}: {self.reason}: {self.message}"


def check_urls(arguments: argparse.Namespace) -> int:
    """Fetches each URL of a file: 0 all are photos, 1 some, 3 none."""
    file = arguments.photo_urls
    text = read_stdin() if str(file) == "-" else read_text(file, "list of URLs")
    lines = enumerate(map(str.strip, text.splitlines()), start=1)
    urls = {number: line for number, line in lines if line and not line.startswith("#")}
    if not urls:
        raise ConfigError(f"{file} has no URLs; write one a line, and # before a comment")
    reachable = asyncio.run(_print_checks(urls, as_json=arguments.json))
    if reachable == len(urls):
        return EXIT_CODES["complete"]
    return EXIT_CODES["partial" if reachable else "failed"]


async def _print_checks(urls: Mapping[int, str], *, as_json: bool) -> int:
    """Prints each check as it is done, in order; returns how many URLs are reachable."""
    reachable = 0
    async for check in _check_all(urls):
        reachable += check.reachable
        if as_json:
            say_json(json.dumps(asdict(check)), flush=True)
        else:
            say(check, flush=True)
    return reachable


async def _check_all(urls: Mapping[int, str]) -> AsyncIterator[_UrlCheck]:
    policy = NetPolicy.from_settings(Settings.from_env())
    places = asyncio.Semaphore(AT_ONCE)

    async def check(line: int, url: str) -> _UrlCheck:
        async with places:
            return await _check_photo(line, Photo.from_url(url, policy=policy, name=f"line {line}"))

    for task in [asyncio.create_task(check(line, url)) for line, url in urls.items()]:
        yield await task


async def _check_photo(line: int, photo: Photo) -> _UrlCheck:
    try:
        content = await photo.aread()
    except PhotoError as error:
        said = to_command_words(str(error).removeprefix(f"{photo.name}: "))
        return _UrlCheck(line, reachable=False, reason=error.reason, message=said)
    head = content[:HEAD_BYTES]
    if (kind := sniff(head)) is None:
        said = f"what came seems to be {describe_format(head)}; a photo is {ACCEPTED}"
        return _UrlCheck(line, reachable=False, reason="unsupported_format", message=said)
    return _UrlCheck(line, reachable=True, kind=kind, bytes=len(content))
