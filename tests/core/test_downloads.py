"""Files have names that every browser and every old download tool can read."""

import io

import pytest
from flask import Flask

from core.downloads import as_download, plain_name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("投诉举报办理情况-2026.xlsx", "complaints-2026.xlsx"),
        ("委托书.pdf", "complaints.pdf"),
        ("roll（标出问题）.xlsx", "roll.xlsx"),
        ("receipt.jpg", "receipt.jpg"),
        ("没有后缀", "complaints"),
        ("2026-10.csv", "complaints-2026-10.csv"),
    ],
)
def test_a_name_that_is_left_empty_says_what_it_is(name: str, plain: str) -> None:
    assert plain_name(name, "complaints") == plain


def test_browsers_take_the_chinese_name(app: Flask) -> None:
    with app.test_request_context("/staff/complaints/statistics", method="POST"):
        header = as_download(io.BytesIO(b""), "投诉-2026.xlsx").headers["Content-Disposition"]
    assert "filename=complaints-2026.xlsx" in header.replace('"', "")
    assert "filename*=UTF-8''%E6%8A%95%E8%AF%89-2026.xlsx" in header
