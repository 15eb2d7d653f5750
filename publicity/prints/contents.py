"""What stands on a print, in words: the same in the browser's print view and in the PDF.

A print hangs in the village whatever language the printing official reads: it stays Chinese.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Protocol

from core.money import Fen, format_yuan
from core.settings import Settings
from publicity import queries, rules
from publicity.models import PublicityList, QrCode


class Line(Protocol):
    """A line of a list, masked when it was written."""

    number: int
    masked_name: str
    group_name: str
    quantity: str
    amount_fen: Fen


@dataclass(frozen=True)
class PrintedCode:
    """A code as it stands on paper: its number, what it says to a phone, and where its picture is fetched."""

    number: int
    address: str


def printed_code(code: QrCode, running: Settings) -> PrintedCode:
    """A code for print. It says the public address of its entry, never the host that a request came by."""
    return PrintedCode(code.id, f"{running.base_url}/q/{queries.qr_token_of(code)}")


def day_in_words(day: date) -> str:
    """A day as a notice says it: 2020年7月6日."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Notice:
    """A publicity list (公示表) without its lines: what stands above, below and at the foot of each page."""

    title: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    names_place: bool
    total: tuple[str, str]
    privacy: str
    contact: str
    code: PrintedCode | None

    scan: ClassVar = "扫码查看和反映"
    seal: ClassVar = "公示单位（盖章）："
    sealed_on: ClassVar = "　　年　　月　　日"

    def cells(self, line: Line) -> tuple[str, ...]:
        """A line in the order of the columns."""
        place = (line.group_name,) if self.names_place else ()
        return (str(line.number), line.masked_name, *place, line.quantity, format_yuan(line.amount_fen))


def _window_in_words(shown: PublicityList) -> str:
    days = (shown.closes_on - shown.opens_on).days + 1
    if shown.online or shown.posted_on:
        return f"{day_in_words(shown.opens_on)}至{day_in_words(shown.closes_on)}（{days}天）"
    # On paper only, it is printed before anybody knows the day on which it will hang.
    return f"自张贴之日起{days}天　张贴日期：　　　　年　　月　　日"


PRIVACY_ONLINE = "为保护个人信息，姓名已部分遮盖；公示期满后网上不再显示。"
PRIVACY_ON_PAPER = "为保护个人信息，姓名已部分遮盖；这份名单只贴纸质，不在网上显示。"


def notice(shown: PublicityList, code: QrCode | None, running: Settings) -> Notice:
    """The notice of a list, with the code of its notice board where there is one."""
    by_code = "，或者扫码反映" if code else ""
    # A group's list has nothing below its own heading.
    names_place = shown.level != rules.GROUP
    return Notice(
        title=shown.title,
        facts=(
            ("公示时间", _window_in_words(shown)),
            *((("政策依据", shown.basis),) if shown.basis else ()),
            ("人数金额", f"共 {shown.line_count} 人，合计 {format_yuan(shown.total_fen)} 元"),
            ("有异议的", f"请在公示期内打电话说明“第几号”{by_code}"),
            ("咨询投诉电话", running.hotline),
            ("网上查看和反映" if shown.online else "网上查询和反映", running.base_url),
        ),
        columns=("序号", "姓名", *(("村社",) if names_place else ()), "数量", "金额（元）"),
        names_place=names_place,
        total=(f"合计 {shown.line_count} 人", format_yuan(shown.total_fen)),
        privacy=PRIVACY_ONLINE if shown.online else PRIVACY_ON_PAPER,
        contact=f"咨询投诉电话 {running.hotline}",
        code=printed_code(code, running) if code else None,
    )


def notices(lists: Sequence[PublicityList], codes: Mapping[str, QrCode], running: Settings) -> list[Notice]:
    """The notices of lists, each with the nearest of these codes (by region): its own board's, or that of the village
    or township above it."""
    return [notice(shown, _nearest(codes, shown.region_code), running) for shown in lists]


def _nearest(codes: Mapping[str, QrCode], region_code: str) -> QrCode | None:
    return next((codes[code] for code in rules.regions_around(region_code) if code in codes), None)


@dataclass(frozen=True)
class Poster:
    """The poster 查询路径 of a notice board."""

    place: str
    code: PrintedCode
    county: str
    hotline: str
    address: str

    headline: ClassVar = ("我的补贴到了没有？", "扫码查一查")
    scan: ClassVar = "微信或手机相机扫一扫"
    type_in: ClassVar = "也可以在手机浏览器输入网址："
    genuine: ClassVar = "扫码后，手机上显示的网址开头应当和上面一模一样。不一样就不要填，请打电话告诉我们。"
    how: ClassVar = "怎样查"
    steps: ClassVar = (
        ("扫二维码", "点“查询我的补贴”。"),
        ("填身份证号和姓名", "再填社保卡卡号最后四位。"),
        ("看结果", "哪一笔、多少钱、什么时候、到哪张卡、没发成是什么原因、该怎么办。"),
    )
    no_card: ClassVar = (
        "不记得卡号，可以用登记的手机收验证码查。不会用手机，请带身份证到村委会或乡镇便民服务中心，工作人员帮您查。"
    )
    also: ClassVar = "还可以"
    also_text: ClassVar = "看本村正在公示的名单；对补贴有疑问、发现优亲厚友或者有人克扣，可以投诉举报，可以不留姓名。"
    contact: ClassVar = "咨询投诉电话"
    promise: ClassVar = "查询不收费。任何人都不会向您要银行卡密码。"

    @property
    def sender(self) -> str:
        """Who informs whom of what, above the headline."""
        return f"{self.county}惠民惠农补贴“一卡通”"

    @property
    def imprint(self) -> str:
        """Who printed it, and the number by which it is found again."""
        return f"{self.county}财政局　海报编号 {self.code.number}"


def poster(place: str, code: QrCode, running: Settings) -> Poster:
    """The poster of the notice board at this place."""
    return Poster(place, printed_code(code, running), running.county_name, running.hotline, running.base_url)


@dataclass(frozen=True)
class Card:
    """A small card with a code, several to a page, to be cut out and handed on or stuck up."""

    place: str
    code: PrintedCode
    hotline: str
    address: str

    headline: ClassVar = "扫码查补贴、看公示"
    type_in: ClassVar = "也可以在手机浏览器输入下面的网址，扫码后看到的开头应当一模一样："

    @property
    def contact(self) -> str:
        """The telephone."""
        return f"咨询投诉电话 {self.hotline}"

    @property
    def number(self) -> str:
        """The number by which the code is found again."""
        return f"编号 {self.code.number}"


def card(place: str, code: QrCode, running: Settings) -> Card:
    """The card of the notice board at this place."""
    return Card(place, printed_code(code, running), running.hotline, running.base_url)
