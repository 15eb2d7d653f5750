"""How long the tables of publicity are kept."""

from core import retention
from core.msgid import N_
from core.retention import Rule

retention.declare(
    Rule(
        "publicity",
        ("publicity_lists", "publicity_lines"),
        N_("公示表（姓名已遮住）和张贴照片"),
        N_("公示期满就从群众入口撤下；存档 30 年，期满由人鉴定后删除"),
        N_("会计年度终了后的第一天"),
        N_("公示过的证据，会计凭证的附件（会计档案管理办法：30 年）"),
    ),
    Rule(
        "publicity",
        ("qr_codes",),
        N_("村社公告栏的二维码"),
        N_("长期；可以作废"),
        N_("生成之日"),
        N_("贴出去的码要用很多年；只认地方不认人"),
    ),
)
