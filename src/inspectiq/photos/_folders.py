"""Finds the photos in a folder, and the rooms that its folders are named for."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from inspectiq.photos._formats import sniff

__all__ = ["infer_room", "is_photo_name", "list_photos", "looks_like_photo", "make_sort_key"]

# fmt: off
# Photos and documents of photos. The refused ones are taken too, so that they get an outcome.
_PHOTO_SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".png", ".apng", ".webp", ".heic",
        ".heif", ".hif", ".avif", ".gif", ".tif", ".tiff", ".bmp", ".dib", ".svg", ".pdf", ".psd",
        ".jp2", ".j2k", ".jxl", ".eps", ".raw", ".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw",
        ".arw", ".srf", ".sr2", ".orf", ".rw2", ".raf", ".pef", ".srw",
    }
)
_SYSTEM_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
_SYSTEM_FOLDERS = frozenset({"__macosx", "@eadir", "$recycle.bin"})

# Folders that are named for what is in them and not for a room.
_GENERIC = frozenset(
    {
        "photos", "photo", "images", "image", "img", "imgs", "pictures", "picture", "pics", "pic",
        "dcim", "camera", "roll", "media", "uploads", "upload", "files", "file", "tmp", "temp",
        "data", "downloads", "download", "desktop", "documents", "input", "inputs", "src",
        "assets", "originals", "original", "export", "exports", "all", "new", "misc",
        "camera roll",
    }
)
# fmt: on
_CAMERA_FOLDER = re.compile(r"\d{3}[A-Z0-9_]{5}", re.IGNORECASE)  # DCF 2.0: 100APPLE, 101_PANA


def looks_like_photo(path: Path) -> bool:
    """Tells whether a file in a folder is a photo: by its ending, else by its first bytes."""
    if path.name.startswith(".") or path.name.lower() in _SYSTEM_FILES:
        return False
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        if path.suffix.lower() in _PHOTO_SUFFIXES:
            return True
        with path.open("rb") as file:
            return sniff(file.read(64)) is not None
    except OSError:
        # A photo that cannot be opened gets an outcome; any other file is none of ours.
        return path.suffix.lower() in _PHOTO_SUFFIXES


def is_photo_name(name: str) -> bool:
    """Tells whether a name ends as a photo's does."""
    return Path(name).suffix.lower() in _PHOTO_SUFFIXES


def list_photos(folder: Path) -> list[Path]:
    """Lists the photos in a folder and in those within it, in natural order.

    A folder that several links lead to is looked through once.
    """
    return sorted(_walk(folder, set()), key=lambda path: make_sort_key(path.relative_to(folder)))


def _walk(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path]:
    try:
        found = folder.stat()
        entries = list(os.scandir(folder))
    except OSError:
        return
    if (found.st_dev, found.st_ino) in seen:
        return
    seen.add((found.st_dev, found.st_ino))
    # Real folders before links to them, so that a photo is named by where it is.
    for entry in sorted(entries, key=lambda entry: (entry.is_symlink(), entry.name)):
        path = folder / entry.name
        if path.is_dir():  # unlike the entry's, False for a link that leads nowhere
            if not entry.name.startswith(".") and entry.name.lower() not in _SYSTEM_FOLDERS:
                yield from _walk(path, seen)
        elif looks_like_photo(path):
            yield path


def make_sort_key(path: Path) -> tuple[tuple[tuple[int, int, str], ...], ...]:
    """Makes a sort key by which IMG_2 comes before IMG_10."""
    return tuple(
        tuple(
            (0, int(piece), piece) if piece.isdecimal() else (1, 0, piece.casefold())
            for piece in re.split(r"(\d{1,18})", part)
            if piece
        )
        for part in path.parts
    )


def infer_room(path: Path, within: Path | None = None) -> str | None:
    """Infers the room that a photo's folder is named for; None for `photos`, `DCIM`, `100APPLE`.

    Args:
        path: The photo.
        within: The folder that was given; folders between it and the photo tell rooms of the same
            name apart, as in `unit 4b / kitchen`.
    """
    between = path.parent.relative_to(within).parts if within is not None else ()
    named = [name for part in between if (name := _name_room(part))]
    return " / ".join(named) or _name_room(path.parent.name or path.absolute().parent.name)


def _name_room(folder: str) -> str | None:
    words = re.sub(r"[\s_-]+", " ", folder).strip()
    if not words or words.casefold() in _GENERIC or _CAMERA_FOLDER.fullmatch(folder):
        return None
    return words
