"""What the headers of rolls say, in the many wordings of townships and departments: data, and how to look it up."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from core.msgid import N_


class Field(StrEnum):
    """What a column of a roll holds."""

    SERIAL = "serial"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GROUP = "group"
    ADDRESS = "address"
    NAME = "name"
    ID_NUMBER = "id_number"
    PAYEE_NAME = "payee_name"
    PAYEE_ID = "payee_id"
    RELATIONSHIP = "relationship"
    CARD = "card"
    BANK = "bank"
    PHONE = "phone"
    QUANTITY = "quantity"
    STANDARD = "standard"
    AMOUNT = "amount"
    REMARK = "remark"
    MARK = "mark"  # the column of problems that we put there ourselves
    OTHER = "other"


FIELD_NAMES = {
    Field.SERIAL: N_("序号"),
    Field.TOWNSHIP: N_("乡镇"),
    Field.VILLAGE: N_("村"),
    Field.GROUP: N_("社（组）"),
    Field.ADDRESS: N_("住址"),
    Field.NAME: N_("受益人姓名"),
    Field.ID_NUMBER: N_("受益人身份证号"),
    Field.PAYEE_NAME: N_("收款人姓名"),
    Field.PAYEE_ID: N_("收款人身份证号"),
    Field.RELATIONSHIP: N_("与受益人关系"),
    Field.CARD: N_("社保卡号（账号）"),
    Field.BANK: N_("开户银行"),
    Field.PHONE: N_("联系电话"),
    Field.QUANTITY: N_("数量（面积、人数、月数）"),
    Field.STANDARD: N_("补贴标准"),
    Field.AMOUNT: N_("发放金额"),
    Field.REMARK: N_("备注"),
    Field.MARK: N_("问题"),
    Field.OTHER: N_("其他"),
}


class Party(StrEnum):
    """Whose name, number or card a column holds, as far as its header says."""

    BENEFICIARY = "beneficiary"
    PAYEE = "payee"
    HEAD = "head"  # of the household: the beneficiary where nobody else is named
    ANOTHER = "another"  # a contact, an agent, a spouse: read by nobody
    UNSAID = "unsaid"


class Rank(StrEnum):
    """Which amount a column holds, for rolls that have several."""

    PAID = "paid"
    PLAIN = "plain"
    SUM = "sum"
    DUE = "due"
    PART = "part"
    NONE = "none"


class Meaning(NamedTuple):
    """What a header says: the field, whose, which amount, and whether the wording is known or only looks like it."""

    field: Field
    party: Party = Party.UNSAID
    rank: Rank = Rank.NONE
    known: bool = True


# Longer words stand before those they contain.
PARTY_WORDS: tuple[tuple[Party, str], ...] = (
    (
        Party.ANOTHER,
        """
        紧急联系人 联系人 经办人 申报人 填表人 配偶 父亲 母亲 子女 审核人 村干部 家庭其他成员 担保人
        """,
    ),
    (
        Party.PAYEE,
        """
        收款人 收款方 收款 领款人 领取人 代领人 代收人 代领 监护人 法定代理人 委托代理人 代理人 被委托人 受托人
        开户人 开户 持卡人 持有人 卡主 账户持有人 户名
        """,
    ),
    (
        Party.HEAD,
        """
        家庭户主 户主
        """,
    ),
    (
        Party.BENEFICIARY,
        """
        受益人 受益者 受益对象 受益户 享受补贴人员 享受补贴对象 享受补贴人 享受对象 享受人员 享受人 补贴对象
        补助对象 补贴人员 补助人员 补贴人 补贴户 被补贴人 补偿对象 发放对象 发放人员 救助对象 保障对象 保障人员
        资助对象 奖励对象 奖补对象 领取对象 残疾人 残疾者 高龄老人 老年人 老人 学生 农户 种植户 种粮户 养殖户
        承包户 承包人 低保对象 低保户 低保人员 特困人员 特困对象 五保对象 优抚对象 退役军人 申请人 本人 参保人
        护林员 孤儿 儿童 脱贫户 贫困户 林权人 林农 移民 职工 人员 对象
        """,
    ),
)

# What is left of a label when the party is taken away. Exact wordings are known; patterns only look alike.
KNOWN_WORDS: dict[Field, str] = {
    Field.SERIAL: """
        序号 编号 序 号 顺序号 序列 行号 项次 no 序次 编次 号数
    """,
    Field.TOWNSHIP: """
        乡镇 镇乡 乡 镇 街道 所属乡 所属镇 所在乡 所在镇 乡镇街道 镇街 乡镇名称 乡镇名 所属乡镇 所在乡镇
        办事处 乡镇别 乡镇办
    """,
    Field.VILLAGE: """
        村 村名 村名称 村别 村居 村委会 行政村 行政村名称 建制村 村社区 社区 所属村 所在村 居住村 村组 村社
        村居名称 村居委会 社区村 村屯 村庄 所在村组 所属村组 村社别 村组别 村委
    """,
    Field.GROUP: """
        社 组 社别 组别 社组 组社 社名 组名 社号 组号 小组 村民小组 村民组 所在组 所属组 所在社 所属社 队 队别
        生产队 村民小组别 小组名称 社组别 组社别 组名称 社名称
    """,
    Field.ADDRESS: """
        地址 住址 家庭住址 家庭地址 详细地址 居住地址 户籍地址 户籍地 户口所在地 居住地 现住址 住所 户籍所在地
        常住地址
    """,
    Field.NAME: """
        姓名 名字 名 人姓名 姓氏 名称 name
    """,
    Field.ID_NUMBER: """
        身份证号 身份证号码 身份证 公民身份号码 公民身份证号码 公民身份证号 居民身份证号 居民身份证号码
        居民身份证 身份号码 证件号码 证件号 身份证件号码 身份证件号 有效身份证件号码 二代身份证号 二代身份证号码
        第二代身份证号码 身份证码 idnumber idno id idcard
    """,
    Field.RELATIONSHIP: """
        关系 与受益人关系 与户主关系 与本人关系 与补贴对象关系 人关系
    """,
    Field.CARD: """
        社保卡号 社保卡号码 社保卡账号 社保卡帐号 社保卡 社会保障卡号 社会保障卡号码 社会保障卡账号
        社会保障卡帐号 社会保障卡卡号 社会保障卡 社保卡银行账号 社保卡银行卡号 社会保障卡银行账号
        社会保障卡金融账号 社保卡金融账号 社保卡卡号 金融账号 金融账户 一卡通账号 一卡通帐号 一卡通卡号 一卡通号
        一卡通号码 一卡通 一卡通账户 惠民卡号 惠农卡号 惠民惠农卡号 一折通账号 一折通号 一折通 银行账号 银行帐号
        银行账户 银行卡号 银行卡账号 银行卡 账号 帐号 账户 帐户 账号卡号 卡号 卡号码 账户号码 账户号 存折号
        存折账号 存折 折号 卡折号 卡号账号 打卡账号 发放账号 代发账号 行账号 信用社账号 农商行账号 农商银行账号
        农信社账号 邮储账号 储蓄账号 补贴账号 card
    """,
    Field.BANK: """
        开户银行 开户行 开户银行名称 开户行名称 银行 行 行名称 银行名称 银行名 发卡银行 发卡行 代发银行 开户网点
        金融机构 金融机构名称 社保卡开户行 社保卡银行 社会保障卡银行 发放银行 承办银行
    """,
    Field.PHONE: """
        电话 电话号码 手机 手机号 手机号码 联系电话 联系方式 联系号码 联系手机 联系 移动电话 家庭电话 phone
        mobile tel
    """,
    Field.QUANTITY: """
        面积 补贴面积 补助面积 计税面积 承包面积 种植面积 实种面积 核定面积 发放面积 耕地面积 退耕面积
        公益林面积 亩数 面积亩 人数 人口 户人口 家庭人口 人口数 保障人口 保障人数 享受人数 补贴人数 月数
        补贴月数 发放月数 享受月数 补助月数 数量 补贴数量 头数 只数 株数 天数 工作天数 出勤天数 个月 学期 学期数
        次数 年限 村龄 工龄 发放月份数 月份数 户数
    """,
    Field.STANDARD: """
        标准 补贴标准 补助标准 补偿标准 发放标准 保障标准 救助标准 供养标准 月标准 年标准 月补贴标准 月补助标准
        每亩标准 亩均标准 单价 亩均补贴 每亩补贴 每月标准 人均标准 享受标准 执行标准 工资标准 津贴标准 资助标准
    """,
    Field.REMARK: """
        备注 说明 附注 备考 备注说明 情况说明 注 remark
    """,
    Field.MARK: """
        问题 problem problems
    """,
}

AMOUNT_WORDS: dict[Rank, str] = {
    Rank.PAID: """
        实发金额 实发 实发数 实发补贴金额 实发补贴 实发资金 实际发放 实际发放金额 实际兑付金额 实付金额 实付
        实补金额 实补 实兑金额 实兑 实领金额 本次实发 本次实发金额 实发合计 实发总额 实发补助 实发补助金额
        实发额
    """,
    Rank.PLAIN: """
        金额 补贴金额 补助金额 补偿金额 发放金额 发放资金 补贴资金 补助资金 补偿资金 补贴资金额 资金 资金额
        资金金额 兑付金额 兑现金额 兑付资金 补贴款 补助款 补偿款 补贴 补助 津贴 津贴金额 补贴额 补助额 发放额
        发放数 本次发放 本次发放金额 本期金额 本季度金额 本月金额 应兑付金额 打卡金额 转账金额 代发金额 救助金额
        救助金 供养金 抚恤金 保障金 低保金 护理补贴 生活补贴 养老金 报酬 工资 奖补金额 奖补资金 奖励金额
        奖励资金 奖励金 领取金额 支付金额 付款金额 拨付金额 资助金额 享受金额 补差金额 补贴总额 补助总额
        发放补贴金额 发放补贴 钱数 款数 款额 打卡数 补贴数 补助数 发放 amount
    """,
    Rank.SUM: """
        合计 合计金额 金额合计 总金额 总额 总计 共计 共计金额 小计 补贴合计 补助合计 合计补贴 补贴金额合计
        补助金额合计 合计补贴金额 发放合计 发放金额合计 资金合计 合计资金 应补合计 总补贴金额 合计发放金额
    """,
    Rank.DUE: """
        应发金额 应发 应发数 应发补贴 应发补贴金额 应付金额 应付 应补金额 应补 应补资金 应兑现金额 应领金额
        应发合计 核定金额 应享受金额
    """,
}

_ACCOUNT_HOLDER = """
    账户姓名 账户名 账户名称 帐户名 帐户名称 银行户名 银行账户名 银行账户名称 开户名 开户名称 卡户名 社保卡户名
    存折户名 账号户名 卡号户名 账户户名 社保卡姓名 社会保障卡姓名 一卡通户名 一卡通姓名
"""


def _any_of(words: str) -> re.Pattern[str]:
    return re.compile("|".join(words.split()))


# Columns that would pass for something else: a disability certificate holds an ID number and two more digits.
_NOBODYS = _any_of("""
    性别 年龄 民族 出生 生日 残疾证 残疾人证 残疾类 残疾等 残疾级 证书 证件类 有效期 发证 低保证 户口簿
    户口本 户编 户号 婚姻 文化 学历 职业 职务 健康 是否 联行 行号 机构代码 机构号 网点号 代码 编码 类型 类别
    等级 级别 状态 日期 时间 年月 签字 签名 签章 签收 手印 捺印 盖章 照片 学校 专业 班级 地块 四至 地类 品种
    作物 原因 依据 文号 附件 流水号 批次 月份$ 年度$ 余额 结余
""")
_PARTS = _any_of("""
    扣 补发 补缴 补扣 上月 上季 上年 去年 已发 已领 累计 预算 其中 中央 省级 州级 市级 县级 历史 差额 个人缴
    调整 追缴 退回
""")
_LOOKS_LIKE: tuple[tuple[Field, re.Pattern[str]], ...] = (
    (Field.PHONE, re.compile("电话|手机|联系方式")),
    (Field.ID_NUMBER, re.compile("身份证(?!.*(?:地址|住址))|公民身份|身份号|证件号")),
    (Field.NAME, re.compile("姓名|户名|账户名|帐户名|名字")),
    (Field.CARD, re.compile("[账帐]号|卡号|折号|存折|一卡通|一折通|社保卡(?!.*行)|保障卡(?!.*行)|银行卡|[账帐]户")),
    (Field.BANK, re.compile("银行|开户行|信用社|金融机构|网点|支行")),
    (Field.ADDRESS, re.compile("地址|住址|所在地|居住地")),
    (Field.RELATIONSHIP, re.compile("关系")),
    (Field.STANDARD, re.compile("标准|水平|单价|每[亩人月户天]|元/")),
    (
        Field.AMOUNT,
        re.compile(
            "金额|资金|[补津]贴|补助|补偿|发放[额数]|数额|打款|转账|拨付|[实应][发付]|兑付|兑现|合计|小计|总[计额]|[费款金]$"
        ),
    ),
    (Field.QUANTITY, re.compile("面积|人数|月数|亩数|数量|人口|头数|只数|天数|学期")),
    (Field.GROUP, re.compile("村民小组|[社组]别")),
    (Field.VILLAGE, re.compile("行政村|村名|村委")),
    (Field.TOWNSHIP, re.compile("乡镇")),
    (Field.REMARK, re.compile("备注|说明")),
)
_RANK_LIKE: tuple[tuple[Rank, re.Pattern[str]], ...] = (
    (Rank.PAID, re.compile("实发|实际|实付|实补|实兑|实领")),
    (Rank.PART, _PARTS),
    (Rank.SUM, re.compile("合计|小计|总[计额]|总金额|共计")),
    (Rank.DUE, re.compile("应[发付补领兑享]|核定")),
)


def _index() -> dict[str, Meaning]:
    words: dict[str, Meaning] = {}
    for field, listed in KNOWN_WORDS.items():
        words.update(dict.fromkeys(listed.split(), Meaning(field)))
    for rank, listed in AMOUNT_WORDS.items():
        words.update(dict.fromkeys(listed.split(), Meaning(Field.AMOUNT, rank=rank)))
    words.update(dict.fromkeys(_ACCOUNT_HOLDER.split(), Meaning(Field.NAME, Party.PAYEE)))
    return words


_KNOWN = _index()
_UNIT_AT_END = re.compile("(?:单位)?(?:[万千百]?元|亩)$")
_LONGEST_LABEL = 24
_PARTY_PATTERNS = tuple((party, _any_of(words)) for party, words in PARTY_WORDS)
_OF_A_PARTY = frozenset((Field.NAME, Field.ID_NUMBER, Field.CARD, Field.BANK, Field.PHONE, Field.RELATIONSHIP))


@lru_cache(maxsize=4096)
def meaning_of(label: str) -> Meaning | None:
    """What a label (as `core.tables.headers.label_of` gives it) says a column holds, or None if nothing known."""
    without_unit = _UNIT_AT_END.sub("", label)
    known = _KNOWN.get(label) or _KNOWN.get(without_unit)
    if known or not label or len(label) > _LONGEST_LABEL:
        return known
    party, rest = party_of(without_unit)
    if party is not Party.UNSAID:
        if not rest:
            return Meaning(Field.NAME, party)
        of_party = _KNOWN.get(rest)
        if of_party and of_party.field in _OF_A_PARTY:
            return Meaning(of_party.field, party)
    return _looks_like(label, party)


@lru_cache(maxsize=4096)
def meaning_of_levels(labels: tuple[str, ...]) -> Meaning | None:
    """What the labels over a column say together, from the top row of the header to the bottom: 受益人 above 姓名."""
    whole = meaning_of("".join(labels))
    if len(labels) < 2 or (whole and whole.known):
        return whole
    lowest = meaning_of(labels[-1])
    if lowest is None or not lowest.known or (whole and _stands_above(whole)):
        return whole
    if lowest.party is Party.UNSAID and lowest.field in _OF_A_PARTY:
        return lowest._replace(party=party_of("".join(labels[:-1]))[0])
    return lowest


def _stands_above(whole: Meaning) -> bool:
    """Whether the upper levels change what the lowest says: 金额 below 补贴标准 is no amount to be paid."""
    return whole.field in (Field.STANDARD, Field.OTHER) or whole.rank in (Rank.PART, Rank.PAID)


def party_of(label: str) -> tuple[Party, str]:
    """Whose a label says something is, and what is left of the label."""
    for party, pattern in _PARTY_PATTERNS:
        match = pattern.search(label)
        if match:
            return party, (label[: match.start()] + label[match.end() :]).strip("的")
    return Party.UNSAID, label


def _looks_like(label: str, party: Party) -> Meaning | None:
    if _NOBODYS.search(label):
        return Meaning(Field.OTHER)
    for field, pattern in _LOOKS_LIKE:
        if pattern.search(label):
            if field is Field.AMOUNT:
                return Meaning(field, Party.UNSAID, _rank_of(label), known=False)
            return Meaning(field, party if field in _OF_A_PARTY else Party.UNSAID, known=False)
    return None


def _rank_of(label: str) -> Rank:
    return next((rank for rank, pattern in _RANK_LIKE if pattern.search(label)), Rank.PLAIN)


def is_label(label: str) -> bool:
    """Whether a normalised text is a wording of some header of a roll: for finding the header. Contacts, agents and
    dates are not counted: they stand in the signatures too."""
    meaning = meaning_of(label)
    return meaning is not None and meaning.field is not Field.OTHER and meaning.party is not Party.ANOTHER
