"""How long the tables of accounts are kept."""

from core import retention
from core.msgid import N_
from core.retention import Rule

retention.declare(
    Rule(
        "accounts",
        ("organisations", "officials", "official_roles"),
        N_("单位、经办人员和角色"),
        N_("长期；离岗的停用，不删除"),
        N_("建立之日"),
        N_("办过的业务要一直说得出是谁办的（会计档案管理办法、网络安全法第二十一条）"),
    ),
    Rule(
        "accounts",
        ("former_passwords", "passkeys", "recovery_codes", "second_factors"),
        N_("用过的密码的摘要、动态验证码的密钥、恢复码、通行密钥的公开部分"),
        N_("账号在用期间；重新设置时换掉旧的"),
        N_("设置之日"),
        N_("登录要用；只有摘要或者加密"),
    ),
    Rule(
        "accounts",
        ("staff_sessions",),
        N_("登录记录：时间、浏览器、地址"),
        N_("180 天，每夜删除"),
        N_("最后一次使用"),
        N_("网络安全法第二十一条：日志至少留六个月；以后没有需要（个人信息保护法第十九条）"),
        "purge_staff_sessions",
    ),
)
