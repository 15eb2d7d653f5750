"""What people write into a field: good values, and whatever else can be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

Pairs = list[tuple[str, bytes]]
"""A form or a query as it is sent: names and values, in order."""


@dataclass(frozen=True)
class Field:
    """One field: how the page says it is filled in, and values that it offers or that are known to be good."""

    kind: str = "text"
    offered: tuple[str, ...] = field(default=())

    def with_(self, kind: str, offered: Sequence[str]) -> "Field":
        """The same with what else is known of it."""
        known = dict.fromkeys((*self.offered, *offered))
        return Field(kind if self.kind == "text" else self.kind, tuple(list(known)[:12]))


Shape = Mapping[str, Field]
"""What a route reads, by the names of the fields."""

NUMBERS = (
    "0", "-1", "1", "00", "1.5", "1e3", "1e400", "-1e400", "NaN", "sNaN", "-Infinity", "inf", "1_000", "1,000.00",
    "１２",
    "٣", "²", "0x10", "+5", "--5", "1e-400", "0.005", "99999999999999.99", ".", "-", "1" * 5000, str(2**31),
    str(2**31 - 1), str(-(2**31) - 1), str(2**53 + 1), str(2**63 - 1), str(2**63), str(-(2**63) - 1), str(2**64),
    str(10**30), f"{10**30}.01", "9" * 400,
)  # fmt: skip
DAYS = (
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2020-02-29", "2019-02-29", "2020-13-01", "2020-00-10",
    "20200706", "2020-7-6", "2020年7月6日", "2020-07-06T25:00", "1969-12-31", "2020-W28-1", "-2020-07-06", "202013",
    "000000", "999912", "202006", "2020-06", "999999", "2020", "0", "00:00", "24:00", "9999-12-31T23:59:59.999999",
    "0001-01-01T00:00:00", "2020-07-06T10:00:00+14:00", "2020-07-06T10:00:00+99:99",
)  # fmt: skip
WORDS = (
    "", " ", "\t\r\n", "\u3000", "\u200b", "\u202e\u2066abc\u2069", "\ufeff", "\x00", "a\x00b", "\x1b[31m", "\x7f\x85",
    "'; DROP TABLE officials; --", "' OR '1'='1", "\\", "\\'", '"', "%", "%s", "%(name)s", "%%", "{}", "{0}", "{{7*7}}",
    "{% raw %}", "${7*7}", "<script>alert(1)</script>", "<!--", "]]>", "=1+1", "@SUM(A1)", "../../etc/passwd", "/",
    "//a",
    "a\r\nSet-Cookie: x=1", "null", "None", "true", "undefined", "[]", "{\"a\":1}", "é" * 300, "𠮷" * 300, "阿西木牛",
    "1" * 12, "513426100000", "51342610000", "513426", "1", "13800000001", "6228480000001234", "511111199001011234",
    "x" * 100_000, "长" * 33_000, "-", "y", "on", "2", "own", "all", "zz", "\ud7ff", "\U0010ffff", "\u0301" * 50,
    "I\u0307",
    "ß", "ﬁ", "a,b,c", "1,2", "1-2", "a=b&c=d", ";", "name;", "_", "%00", "id", "-id", "+", "*", ".*", "(", "[",
    "(?:", "$",
)  # fmt: skip
BYTES = (b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\x80", b"\xf4\x90\x80\x80", "中".encode("gb18030"), b"\xe4\xb8")
"""What is no UTF-8: a lone surrogate, a NUL in two bytes, the half of a character."""
GOOD: Mapping[str, tuple[str, ...]] = {
    "number": ("1", "5", "12", "0.01", "100.00"),
    "date": ("2020-07-06", "2020-07-01", "2020-01-01", "2020-12-31"),
    "month": ("2020-06", "2020-07", "202006"),
    "checkbox": ("y", "1", "on"),
    "text": ("写明理由。", "阿西木牛", "1", "2020-07-06", "202006", "5", "13800000001", "100.00", "513426100200"),
    "password": ("a calm test password",),
    "file": ("",),
}
_HOSTILE = [value.encode("utf-8", "surrogatepass") for value in (*NUMBERS, *DAYS, *WORDS)] + list(BYTES)
hostile: st.SearchStrategy[bytes] = st.one_of(
    st.sampled_from(_HOSTILE),
    st.sampled_from(_HOSTILE),
    st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.integers(-(2**70), 2**70).map(lambda number: str(number).encode()),
    st.decimals(allow_nan=True).map(lambda number: str(number).encode()),
    st.datetimes().map(lambda at: at.isoformat().encode()),
    st.binary(max_size=12),
)


def good(of: Field) -> st.SearchStrategy[bytes]:
    """Something that an honest person sends."""
    offered = of.offered or GOOD.get(of.kind, GOOD["text"])
    return st.sampled_from([value.encode("utf-8", "surrogatepass") for value in offered])


@st.composite
def filled(draw: st.DrawFn, shape: Shape) -> Pairs:
    """The whole form: mostly good with a few fields spoiled, seldom nothing but rubbish; now and then a field is left
    out, sent twice, or is none of this form's."""
    names = sorted(shape)
    spoiled = set(names) if draw(st.integers(0, 9)) == 0 else _some(draw, names, 3)
    left_out, twice = _some(draw, names, 2), _some(draw, names, 1)
    pairs: Pairs = []
    for name in names:
        strategy = hostile if name in spoiled else good(shape[name])
        times = 0 if name in left_out and name not in spoiled else 3 if name in twice else 1
        pairs += [(name, draw(strategy)) for _ in range(times)]
    if draw(st.integers(0, 9)) == 0:
        pairs += [(draw(st.sampled_from(("", "a[b][c]", "__class__", "x" * 2000, "名"))), draw(hostile))]
    return pairs


def _some(draw: st.DrawFn, names: Sequence[str], most: int) -> set[str]:
    return draw(st.sets(st.sampled_from(names), max_size=min(most, len(names)))) if names else set()


def encoded(pairs: Pairs) -> bytes:
    """As a browser writes them, in a query or in a form without files."""
    return "&".join(
        f"{quote_from_bytes(name.encode(), safe='')}={quote_from_bytes(value, safe='')}" for name, value in pairs
    ).encode()


def in_parts(pairs: Pairs, files: Sequence[tuple[str, str, str, bytes]] = ()) -> tuple[bytes, str]:
    """The same as a form with files, and its content type. A file is the field's name, its own name, its type, and
    what is in it. Names are sent as they are: what a browser would escape as well."""
    edge = b"----hostile-boundary"
    parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n' % name.encode() + value for name, value in pairs]
    for name, filename, kind, content in files:
        told = filename.encode("utf-8", "surrogatepass")
        head = b'Content-Disposition: form-data; name="%s"; filename="%s"' % (name.encode(), told)
        parts.append(head + b"\r\nContent-Type: " + kind.encode() + b"\r\n\r\n" + content)
    body = b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + edge + b"--\r\n"
    return body, f"multipart/form-data; boundary={edge.decode()}"
