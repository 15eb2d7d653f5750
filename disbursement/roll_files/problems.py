"""What can be wrong with a line of a roll or odd about a file, each with the sentence for the official."""

from core.msgid import N_
from core.tables.refusals import SENTENCES as FILE_SENTENCES

PROBLEMS = {
    "name_missing": N_("没有受益人姓名。请在“姓名”一栏补上。"),
    "id_missing": N_("没有身份证号。请在“身份证号”一栏补上 18 位身份证号。"),
    "id_precision_lost": N_(
        "身份证号存成了数字，Excel 已经改掉了后几位。请先把“身份证号”一栏设为文本格式，再照身份证重新填写。"
    ),
    "id_15_digits": N_("身份证号是 15 位的旧号码。请照现在的身份证填写 18 位号码。"),
    "id_length": N_("身份证号的位数不对，或有不该有的字。请照身份证核对“身份证号”一栏。"),
    "id_birthdate": N_("身份证号里的出生日期不存在，或在今天以后。请照身份证核对“身份证号”一栏。"),
    "id_checksum": N_("身份证号的最后一位与前面的数字对不上，多半有一位填错了。请照身份证核对“身份证号”一栏。"),
    "amount_unreadable": N_("“金额”一栏没有填，或读不出数字。请只填阿拉伯数字，例如 270 或 270.50。"),
    "amount_not_positive": N_("金额是零或负数，不能发放。请改正“金额”一栏，或删去这一行。"),
    "amount_below_fen": N_("金额小数超过两位，不足一分的钱付不出去。请改为最多两位小数。"),
    "card_unreadable": N_(
        "社保卡号（账号）读不出，或存成了数字被 Excel 改掉了后几位。请设为文本格式重新填写；没有卡的请留空。"
    ),
    "unknown_region": N_("本乡镇没有这个村（社区），或这一行属于别的乡镇。请核对“村”一栏。"),
    "duplicate_in_file": N_("这个身份证号在前面已经出现过。同一人同一期只能发放一次，请核对后留下一行。"),
}
"""Codes in the order in which the first problem of a line is reported."""

NOTES = {
    "hidden_sheet": N_("工作表“%(sheet)s”是隐藏的，没有读入。如果其中有要发放的人员，请取消隐藏后重新上传。"),
    "other_sheet": N_("工作表“%(sheet)s”不是花名册，没有读入。"),
    "incomplete_sheet": N_(
        "工作表“%(sheet)s”里有身份证号，但没有认出%(missing)s，所以没有读入。请在表头写明后重新上传。"
    ),
    "no_header": N_("工作表“%(sheet)s”没有认出表头，各栏是按内容推断的。请仔细核对。"),
    "by_content": N_("工作表“%(sheet)s”的表头与内容对不上，“%(header)s”一栏是按内容认定的。请核对。"),
    "wording": N_("工作表“%(sheet)s”的表头“%(header)s”是系统没有见过的写法，按字面认作了发放金额。请核对。"),
    "amount_chosen": N_("工作表“%(sheet)s”有几栏金额，按“%(header)s”一栏发放。请核对。"),
    "card_chosen": N_("工作表“%(sheet)s”有几栏账号，取了“%(header)s”一栏。请核对。"),
    "id_of_another": N_("工作表“%(sheet)s”没有受益人本人的身份证号，取了“%(header)s”一栏。请核对。"),
    "unit_unusual": N_("工作表“%(sheet)s”的金额单位写的是万元（千元、百元），但数值很大。请核对单位。"),
    "village_conflict": N_("工作表“%(sheet)s”的标题与工作表名称说的不是同一个村，按标题读入。请核对。"),
    "region_unnamed": N_("工作表“%(sheet)s”有 %(count)s 行没有写明村（社区），暂归到乡镇。"),
    "group_unknown": N_("工作表“%(sheet)s”有 %(count)s 行的社（组）不在登记之内，归到所在的村。"),
    "id_noughts": N_(
        "工作表“%(sheet)s”有 %(count)s 个身份证号以 000 结尾，可能曾存成数字，被 Excel 改掉了后几位。"
        "请照身份证逐个核对。"
    ),
    "total_differs": N_("工作表“%(sheet)s”第 %(row)s 行的合计是 %(stated)s 元，各行相加是 %(added)s 元。请核对。"),
    "characters_lost": N_("文件第 %(row)s 行附近有损坏的文字，读不出来。请打开原文件核对。"),
    "lost_table": N_("工作表“%(sheet)s”第 %(row)s 行起是另一张表，没有认出其中的栏目，所以没有读入。请核对。"),
}

REFUSALS = FILE_SENTENCES | {
    "no_rows": N_("文件里没有内容。请确认选对了文件，再重新上传。"),
    "not_a_roll": N_(
        "没有找到花名册：没有一个工作表同时有姓名、身份证号和金额。没有认出的是：%(missing)s。"
        "文件里的表头是：%(headers)s。请确认选对了文件，并在表头写明这几栏。"
    ),
    "no_headers": N_(
        "没有找到花名册：没有一个工作表同时有姓名、身份证号和金额，也没有认出表头。"
        "请确认选对了文件，并在第一行写明各栏的名称（姓名、身份证号、金额等）。"
    ),
}
