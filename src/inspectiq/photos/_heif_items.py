"""Reads what a HEIF or AVIF file holds (ISO/IEC 23008-12): its items and their properties."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from inspectiq.photos._iso_boxes import FieldReader, IsoBox, find_box, list_boxes

__all__ = ["HeifItems", "read_items"]

_MOST_LIST_BYTES = 1_000_000  # of one list; those of a phone's tiled photo have a few thousand
_MOST_USES = 20_000  # of properties by items; those of a phone's tiled photo have about 500
_MOST_EXTENT_BYTES = 4_000_000  # an EXIF block has 64 kB at most


@dataclass(slots=True)
class HeifItems:
    """The items of a file, by their numbers.

    Attributes:
        primary: The picture that is shown.
        kinds: The kind of each item, such as `hvc1`, `grid` or `Exif`.
        kind_places: Where that kind stands in the file.
        sources: What each derived item is made of (`dimg`).
        described: What each item of metadata describes (`cdsc`).
        helped: What each auxiliary picture belongs to (`auxl`).
        properties: The property boxes, in the order of the file.
        uses: The properties of each item, in order: number from 1, and place and size in the
            file of what names it.
        extents: Where the content of each item stands.
    """

    primary: int
    kinds: dict[int, bytes] = field(default_factory=dict)
    kind_places: dict[int, int] = field(default_factory=dict)
    sources: dict[int, list[int]] = field(default_factory=dict)
    described: dict[int, list[int]] = field(default_factory=dict)
    helped: dict[int, list[int]] = field(default_factory=dict)
    properties: list[IsoBox] = field(default_factory=list)
    uses: dict[int, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))
    extents: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def list_properties(self, item: int) -> list[IsoBox]:
        """Lists the properties of an item, in the order in which they apply."""
        numbers = [number for number, _, _ in self.uses.get(item, ())]
        return [self.properties[number - 1] for number in numbers if number]

    def read_content(self, data: bytes, item: int) -> bytes:
        """Reads the content of a small item, such as EXIF."""
        content = bytearray()
        for start, size in self.extents.get(item, ()):
            content += data[start : start + size]
            if len(content) > _MOST_EXTENT_BYTES:
                return b""
        return bytes(content)


def read_items(data: bytes, meta: IsoBox) -> HeifItems:
    """Reads the items of a `meta` box.

    Raises:
        ValueError: It is damaged.
    """
    boxes = list_boxes(data, meta.start + 4, meta.end)
    head = find_box(boxes, b"pitm")
    if head is None:
        raise ValueError("no picture is named as the one to show")
    fields = FieldReader(data, head)
    version, _ = fields.read_version()
    items = HeifItems(fields.read_number(4 if version else 2))
    if box := find_box(boxes, b"iinf"):
        _read_kinds(data, _require_short(box), items)
    if box := find_box(boxes, b"iref"):
        _read_references(data, _require_short(box), items)
    if box := find_box(boxes, b"iprp"):
        _read_properties(data, box, items)
    if box := find_box(boxes, b"iloc"):
        _read_places(FieldReader(data, _require_short(box)), items, find_box(boxes, b"idat"))
    return items


def _require_short(box: IsoBox) -> IsoBox:
    if box.end - box.start > _MOST_LIST_BYTES:
        raise ValueError("a list is far longer than any camera writes")
    return box


def _read_kinds(data: bytes, box: IsoBox, items: HeifItems) -> None:
    version, _ = FieldReader(data, box).read_version()
    for entry in list_boxes(data, box.start + (8 if version else 6), box.end):
        fields = FieldReader(data, entry)
        version, _ = fields.read_version()
        if entry.kind != b"infe" or version < 2:
            continue  # the older forms hold no picture
        item = fields.read_number(2 if version == 2 else 4)
        fields.read(2)
        items.kind_places[item] = fields.at
        items.kinds[item] = fields.read(4)


def _read_references(data: bytes, box: IsoBox, items: HeifItems) -> None:
    version, _ = FieldReader(data, box).read_version()
    size = 4 if version else 2
    wanted = {b"dimg": items.sources, b"cdsc": items.described, b"auxl": items.helped}
    for entry in list_boxes(data, box.start + 4, box.end):
        fields = FieldReader(data, entry)
        item = fields.read_number(size)
        to = [fields.read_number(size) for _ in range(fields.read_number(2))]
        if entry.kind in wanted:
            wanted[entry.kind][item] = to


def _read_properties(data: bytes, box: IsoBox, items: HeifItems) -> None:
    boxes = list_boxes(data, box.start, box.end)
    if container := find_box(boxes, b"ipco"):
        items.properties = list_boxes(data, container.start, container.end)
    left = _MOST_USES
    for entry in (box for box in boxes if box.kind == b"ipma"):
        left -= _read_uses(data, _require_short(entry), items, left)


def _read_uses(data: bytes, box: IsoBox, items: HeifItems, most: int) -> int:
    """Reads which items have which properties, and counts them."""
    fields = FieldReader(data, box)
    version, flags = fields.read_version()
    size, count = 2 if flags & 1 else 1, 0
    for _ in range(fields.read_number(4)):
        item = fields.read_number(4 if version else 2)
        uses = fields.read_number(1)
        count += max(1, uses)
        if count > most:
            raise ValueError("far more properties are named than any camera writes")
        for _ in range(uses):
            at = fields.at
            number = fields.read_number(size) & (1 << 8 * size - 1) - 1  # less the top bit
            if number > len(items.properties):
                raise ValueError("a property is named that is not there")
            items.uses[item].append((number, at, size))
    return count


def _read_places(fields: FieldReader, items: HeifItems, idat: IsoBox | None) -> None:
    version, _ = fields.read_version()
    sizes = fields.read_number(2)
    offset_size, length_size, base_size, index_size = (sizes >> by & 15 for by in (12, 8, 4, 0))
    if not offset_size + length_size:
        return  # nothing is said of any place
    for _ in range(fields.read_number(4 if version == 2 else 2)):
        item = fields.read_number(4 if version == 2 else 2)
        method = fields.read_number(2) & 15 if version else 0
        fields.read(2)
        base = fields.read_number(base_size)
        if method == 1 and idat is not None:
            base += idat.start
        extents = []
        for _ in range(fields.read_number(2)):
            fields.read(index_size if version else 0)
            extents.append(
                (base + fields.read_number(offset_size), fields.read_number(length_size))
            )
        items.extents[item] = extents if method < 2 else []
