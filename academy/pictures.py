"""How large a picture says it is, from its first bytes: nothing is decoded, so that a bomb of pixels stays shut. Pure."""

import struct


def picture_size(content: bytes, kind: str) -> tuple[int, int] | None:
    """Width and height, or None when the bytes do not say."""
    reader = {"png": _png, "gif": _gif, "jpg": _jpg, "webp": _webp, "avif": _avif}.get(kind)
    try:
        size = reader(content) if reader else None
    except (struct.error, IndexError):
        return None
    return size if size and min(size) > 0 else None


def _png(content: bytes) -> tuple[int, int] | None:
    return struct.unpack(">II", content[16:24]) if content[12:16] == b"IHDR" else None


def _gif(content: bytes) -> tuple[int, int]:
    return struct.unpack("<HH", content[6:10])


def _jpg(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in (0x01, *range(0xD0, 0xD9)):
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return None


def _webp(content: bytes) -> tuple[int, int] | None:
    form = content[12:16]
    if form == b"VP8X":
        return 1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
    if form == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    if form == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _avif(content: bytes) -> tuple[int, int] | None:
    """The largest of the sizes that its properties give (a thumbnail may come first)."""
    sizes, at = [], content.find(b"ispe")
    while 0 <= at < 100_000 and len(sizes) < 50:
        sizes.append(struct.unpack(">II", content[at + 8 : at + 16]))
        at = content.find(b"ispe", at + 4)
    return max(sizes, key=lambda size: size[0] * size[1]) if sizes else None
