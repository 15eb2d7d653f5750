"""What reaches a log: the allow-listed fields, and nothing of anybody."""

import json
import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

SECRET = "513426199509167030"


def test_a_request_is_one_json_line_without_its_path(capfd: pytest.CaptureFixture[str], client: FlaskClient) -> None:
    client.get(f"/language/{SECRET}")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
    assert [(line["event"], line["endpoint"], line["status"]) for line in lines] == [("request", "core.language", 302)]
    assert len(lines[0]["request_id"]) == 16
    assert SECRET not in json.dumps(lines)


def test_a_fault_is_logged_by_its_kind_and_place_only(capfd: pytest.CaptureFixture[str], app: Flask) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("room").exception("it failed", extra={"job_id": 7, "id_number": SECRET})
    written = capfd.readouterr().err
    line = json.loads(written.splitlines()[-1])
    assert (line["exception"], line["job_id"]) == ("ValueError", 7)
    assert SECRET not in written
