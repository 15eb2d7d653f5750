"""Answers as gzip: a page must come through one bar of signal, whatever stands in front of this process.

A compressed page that holds both a secret and an attacker's words can betray the secret by its length. Here the only
secret in a page is the token of its forms; session cookies are SameSite=Lax, and nothing typed comes back in a page
that another site can ask for with them.
"""

import zlib

from flask import Response, request

TYPES = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml", "text/csv"})
SMALLEST = 500
"""Bytes. Below this the headers of gzip and one packet make no difference."""
LARGEST = 2 * 1024 * 1024
PAGE_LEVEL, FILE_LEVEL = 4, 9
_GZIP = zlib.MAX_WBITS | 16

_files: dict[tuple[str, str], bytes] = {}


def compress(response: Response) -> Response:
    """Compress an answer of text to a browser that takes gzip; files of ours once for all."""
    if response.mimetype not in TYPES or response.status_code != 200 or "Content-Encoding" in response.headers:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings.quality("gzip") or not SMALLEST <= (response.content_length or 0) <= LARGEST:
        return response
    if response.direct_passthrough:
        response.direct_passthrough = False
        # Read in any case: that is also what closes the file.
        data, key = response.get_data(), (request.path, response.headers.get("ETag", ""))
        if key not in _files:
            _files[key] = _gzip(data, FILE_LEVEL)
        response.set_data(_files[key])
    elif not response.is_streamed:
        response.set_data(_gzip(response.get_data(), PAGE_LEVEL))
    else:
        return response
    response.headers["Content-Encoding"] = "gzip"
    return response


def _gzip(data: bytes, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    return packer.compress(data) + packer.flush()
