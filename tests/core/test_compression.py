"""Text goes out compressed to those who take it, and unchanged to everybody else."""

import gzip

from flask import Flask
from flask.testing import FlaskClient

ACCEPT = {"Accept-Encoding": "gzip, deflate, br"}


def test_a_page_is_the_same_compressed(client: FlaskClient) -> None:
    plain, packed = client.get("/"), client.get("/", headers=ACCEPT)
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]


def test_files_are_compressed_and_still_answer_whether_they_changed(client: FlaskClient) -> None:
    plain = client.get("/static/public.css", buffered=True)
    for _ in range(2):
        packed = client.get("/static/public.css", headers=ACCEPT, buffered=True)
        assert gzip.decompress(packed.data) == plain.data
    known = ACCEPT | {"If-None-Match": packed.headers["ETag"]}
    fresh = client.get("/static/public.css", headers=known, buffered=True)
    assert fresh.status_code == 304 and fresh.data == b""


def test_what_is_short_no_text_or_refused_stays(app: Flask, client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/healthz", headers=ACCEPT).headers
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": "gzip;q=0"}).headers
    assert client.head("/", headers=ACCEPT).data == b""
