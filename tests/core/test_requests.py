"""What PostgreSQL keeps in no text never gets as far as that."""

import io

from flask import Flask, request

from tests import factories


def test_a_nul_in_a_query_is_left_out(app: Flask) -> None:
    factories.load_regions()
    answer = app.test_client().get("/lists?region=513426100000%00&page=%001")
    assert answer.status_code == 200


def test_a_nul_in_an_address_leads_nowhere(app: Flask) -> None:
    assert app.test_client().get("/q/%00").status_code == 404


def test_a_nul_is_in_no_field_no_name_and_no_name_of_a_file(app: Flask) -> None:
    sent = {"te\x00xt": "a\x00b", "file": (io.BytesIO(b"a\x00"), "a\x00b.csv")}
    with app.test_request_context(method="POST", data=sent):
        assert dict(request.form) == {"text": "ab"}
        assert request.files["file"].filename == "ab.csv"
        assert request.files["file"].read() == b"a\x00", "what is in a file stays as it is"
