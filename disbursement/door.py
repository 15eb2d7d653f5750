"""The blueprint of this room, and its places in the navigation."""

from flask_babel import lazy_gettext

from core.board import board_provider
from core.navigation import NavigationEntry, Section, navigation
from core.web import staff_blueprint
from disbursement import board, rules
from disbursement.words import reason_words

blueprint = staff_blueprint("disbursement", __name__, "disbursement")
navigation(
    NavigationEntry(lazy_gettext("发放批次"), "disbursement.batches", Section.MONEY, rules.READ, 10, "money"),
    NavigationEntry(lazy_gettext("花名册"), "disbursement.rolls", Section.MONEY, rules.SEE_ROLLS, 12, "roll"),
    NavigationEntry(lazy_gettext("办理进度"), "disbursement.progress", Section.MONEY, rules.SEE_ROLLS, 13, "roll"),
    NavigationEntry(
        lazy_gettext("发放失败明细"), "disbursement.failures", Section.FAILURES, rules.SEE_ROLLS, 14, "money"
    ),
    NavigationEntry(lazy_gettext("失败处理月报"), "disbursement.cycle", Section.FAILURES, rules.READ, 15, "money"),
    NavigationEntry(lazy_gettext("银行回盘"), "disbursement.results", Section.BANK, rules.SEE_RESULTS, 10, "upload"),
    NavigationEntry(
        lazy_gettext("重发文件"), "disbursement.reissues", Section.FAILURES, rules.SEE_RESULTS, 17, "upload"
    ),
    NavigationEntry(
        lazy_gettext("退回资金"), "disbursement.returns", Section.FAILURES, rules.SEE_BALANCE, 19, "balance"
    ),
    NavigationEntry(
        lazy_gettext("核查设定"), "disbursement.check_settings", Section.ADMINISTRATION, rules.SEE_ROLLS, 60, "key"
    ),
    NavigationEntry(
        lazy_gettext("办理时限"), "disbursement.limits", Section.ADMINISTRATION, rules.SEE_ROLLS, 61, "key"
    ),
    NavigationEntry(
        lazy_gettext("银行文件格式"), "disbursement.profiles", Section.BANK, rules.EDIT_PROFILE, 30, "page"
    ),
    NavigationEntry(
        lazy_gettext("银行的户名写法"), "disbursement.spellings", Section.BANK, rules.EDIT_PROFILE, 32, "people"
    ),
    NavigationEntry(
        lazy_gettext("短信覆盖"), "disbursement.message_coverage", Section.PEOPLE, rules.SEE_ROLLS, 31, "sms"
    ),
    NavigationEntry(lazy_gettext("资金余额"), "disbursement.balance", Section.PLANS, rules.SEE_BALANCE, 35, "balance"),
)
board_provider(board.items)
blueprint.add_app_template_filter(reason_words)
