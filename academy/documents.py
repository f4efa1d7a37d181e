"""The door of `/documents/…`: Wagtail's own, which asks who reads, and in parts for who asks for a part (a player that seeks, a download that goes on)."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from wagtail.documents.views.serve import serve as whole

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
CHUNK = 64 * 1024
# A player asks for all the rest and reads as it plays: a part at a time keeps no thread of the server busy while it pauses
PART_FOR_PLAYERS = 2 * 1024 * 1024


def serve(request: HttpRequest, document_id: str, document_filename: str) -> HttpResponseBase:
    response = whole(request, document_id, document_filename)
    if response.status_code != 200 or not isinstance(response, FileResponse):
        return response
    if response.get("Content-Encoding") == "None":  # Wagtail writes the word where there is none
        del response.headers["Content-Encoding"]
    response.headers["Accept-Ranges"] = "bytes"
    asked = RANGE.fullmatch(request.headers.get("Range", "").strip())
    if request.method != "GET" or asked is None or not _is_of_this_version(request, response):
        return response
    return _part(request, response, asked[1], asked[2])


def _is_of_this_version(request: HttpRequest, response: FileResponse) -> bool:
    """Who has the beginning of an older file gets the new one whole."""
    known = request.headers.get("If-Range")
    return not known or known in (response.headers.get("ETag"), response.headers.get("Last-Modified"))


def _part(request: HttpRequest, response: FileResponse, first: str, last: str) -> HttpResponseBase:
    """Bytes `first` to `last`, or the `last` so many when no first is given."""
    size = int(response.headers["Content-Length"])
    if not first and not last:
        return response
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if first and not last and request.headers.get("Sec-Fetch-Dest") in ("video", "audio"):
        end = min(end, start + PART_FOR_PLAYERS - 1)
    if first and last and int(last) < int(first):
        return response  # no range at all: as if nothing was asked
    if start >= size or (not first and int(last) == 0):
        response.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    stream = response.file_to_stream
    stream.seek(start)
    response.streaming_content = _read(stream, end - start + 1)
    response.status_code = 206
    response.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    response.headers["Content-Length"] = str(end - start + 1)
    return response


def _read(stream: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (chunk := stream.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk
