"""Looks at each photo once, before anything is planned: which can be used, which are the same."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from inspectiq.domain._photo import PhotoRef, PhotoWarning
from inspectiq.errors import PhotoError
from inspectiq.photos._fingerprint import Fingerprint, is_distinctive, is_same_shot
from inspectiq.photos._ids import assign_ids

if TYPE_CHECKING:
    from inspectiq.photos._image_rule import ImageRule
    from inspectiq.photos._photo import Photo

__all__ = ["Examination", "examine_photos"]

_LOOKERS = 8

# What a near duplicate must keep of the one that it stands for; our assumptions.
LEAST_PIXELS = 0.9
LEAST_BYTES = 0.5


@dataclass(frozen=True, slots=True)
class Examination:
    """The facts that one look at a photo has shown. It holds no picture.

    Attributes:
        ref: What a result will record; `sent` is None until it is sent.
        warnings: What may spoil its assessment.
        fingerprint: For finding duplicates; None where the photo cannot be used.
        error: Why it cannot be used.
        duplicate_of: Id of the first photo with the same content.
        content_sha256: Hash of what tells its content from others': the original's, or that of
            the picture that the host's `prepare` made of it.
    """

    ref: PhotoRef
    warnings: tuple[PhotoWarning, ...] = ()
    fingerprint: Fingerprint | None = None
    error: PhotoError | None = None
    duplicate_of: str | None = None
    content_sha256: str | None = None


async def examine_photos(
    photos: Iterable[Photo],
    rule: ImageRule,
    *,
    until: float | None = None,
    on_examined: Callable[[Photo], object] | None = None,
) -> tuple[Photo, ...]:
    """Reads and prepares every photo once, in bounded memory; never raises for a photo's fault.

    Args:
        photos: Those without an id are given `p1`, `p2`, ... by position. Those that were examined
            before are not read again.
        rule: How the engine wants them, so that what is prepared here can be sent as it is.
        until: When to be done, on the clock of `time.monotonic`; later ones have a timeout.
        on_examined: Called on the loop with each photo, in order, once it and all before it are
            done.

    Returns:
        The photos in order, each with `.examined`.
    """
    given = assign_ids(photos)
    looked: list[Examination | None] = [photo.examined for photo in given]
    done: list[Photo] = []
    earlier = _SeenPhotos()
    todo = iter([number for number, seen in enumerate(looked) if seen is None])

    def finish() -> None:
        """Reports photos up to the first that is not examined: duplicates depend on the order."""
        while len(done) < len(given) and (seen := looked[len(done)]) is not None:
            photo = given[len(done)]
            seen = replace(seen, duplicate_of=earlier.find_same(photo, seen))
            done.append(photo.replace(examined=seen))
            if on_examined is not None:
                on_examined(done[-1])

    async def look() -> None:
        for number in todo:
            looked[number] = await _look(given[number], rule, until)
            finish()

    finish()
    new = looked.count(None)
    if new:
        await _look_together(new, look, until)
    return tuple(done)


async def _look_together(
    photos: int, look: Callable[[], Coroutine[Any, Any, None]], until: float | None
) -> None:
    from inspectiq.photos._prepare_pool import hold_while_examining

    async with AsyncExitStack() as place:
        with suppress(TimeoutError):  # too late, as each photo is told next
            async with asyncio.timeout(None if until is None else until - time.monotonic()):
                await place.enter_async_context(hold_while_examining(photos))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(_LOOKERS, photos)):
                    group.create_task(look())
        except ExceptionGroup as problems:  # of `on_examined`, which its caller expects bare
            raise problems.exceptions[0] from None


async def _look(photo: Photo, rule: ImageRule, until: float | None) -> Examination:
    clock = asyncio.timeout(None if until is None else until - time.monotonic())
    try:
        async with clock:
            prepared = await photo.aprepare_for(rule)
    except PhotoError as error:
        return Examination(photo.ref, error=_drop_tracebacks(error))
    except TimeoutError:
        if not clock.expired():
            raise
        late = PhotoError(
            f"{photo.name}: not read before the run's deadline; allow a longer deadline",
            photo=photo.name,
            reason="timeout",
        )
        return Examination(photo.ref, error=late)
    ref = photo.ref.model_copy(
        update={
            "original": prepared.original,
            "orientation": prepared.orientation,
            "crop": prepared.crop,
            "host_prepared": photo.prepare is not None,
            "taken_at": prepared.taken_at,
        }
    )
    content = prepared.original if photo.prepare is None else prepared.sent
    return Examination(ref, prepared.warnings, prepared.fingerprint, content_sha256=content.sha256)


def _drop_tracebacks(error: PhotoError) -> PhotoError:
    """Drops the tracebacks of an error, whose frames would keep the whole file in memory."""
    links: list[BaseException | None] = [error]
    while links:
        if (link := links.pop()) is not None and link.__traceback__ is not None:
            link.__traceback__ = None
            links += [link.__cause__, link.__context__]
    return error


class _SeenPhotos:
    """The good photos so far, found again by hash or by likeness."""

    def __init__(self) -> None:
        self._by_hash: dict[str, list[tuple[Photo, str | None]]] = defaultdict(list)
        self._by_part: dict[tuple[int, str], list[tuple[Photo, Examination]]] = defaultdict(list)

    def find_same(self, photo: Photo, seen: Examination) -> str | None:
        """Finds the id of the first photo that shows the same; remembers this one if none does."""
        fingerprint = seen.fingerprint
        if fingerprint is None:
            return None
        for first, shown_by in self._by_hash[fingerprint.sha256]:
            if first.prepare == photo.prepare:
                return shown_by
        same = self._find_near(photo, seen, fingerprint) if is_distinctive(fingerprint) else None
        self._by_hash[fingerprint.sha256].append((photo, same or photo.id))
        return same

    def _find_near(self, photo: Photo, seen: Examination, fingerprint: Fingerprint) -> str | None:
        # 31 bits apart at most, in 32 parts of 8 bits, leave one part the same.
        parts = [(at, fingerprint.dhash[at : at + 2]) for at in range(0, 64, 2)]
        tried = set()
        for first, other in (known for part in parts for known in self._by_part[part]):
            if first.id in tried:
                continue
            tried.add(first.id)
            if first.prepare == photo.prepare and _shows_no_less(other, seen):
                return first.id
        for part in parts:
            self._by_part[part].append((photo, seen))
        return None


def _shows_no_less(one: Examination, other: Examination) -> bool:
    """Tells whether one photo is the same shot as another, and shows as much."""
    if one.fingerprint is None or other.fingerprint is None:
        return False
    return is_same_shot(one.fingerprint, other.fingerprint) and _is_as_good(one.ref, other.ref)


def _is_as_good(one: PhotoRef, other: PhotoRef) -> bool:
    """Tells whether one picture has about as many pixels and bytes as another."""
    if one.original is None or other.original is None:
        return False
    return (
        one.original.width * one.original.height
        >= LEAST_PIXELS * other.original.width * other.original.height
        and one.original.bytes >= LEAST_BYTES * other.original.bytes
    )
