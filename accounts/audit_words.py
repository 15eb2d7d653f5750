"""What the audit log says of accounts, in words."""

from flask_babel import lazy_gettext

from core.audit.words import words

words(
    "accounts",
    actions={
        "official.add": lazy_gettext("新增了经办人员账号"),
        "official.add_passkey": lazy_gettext("添加了通行密钥"),
        "official.change_office": lazy_gettext("调整了经办人员的单位或角色"),
        "official.change_password": lazy_gettext("修改了自己的密码"),
        "official.close": lazy_gettext("停用了账号"),
        "official.confirm": lazy_gettext("再次验证了密码"),
        "official.confirm_failed": lazy_gettext("再次验证密码时输错"),
        "official.end_other_sessions": lazy_gettext("结束了自己在别处的登录"),
        "official.end_session": lazy_gettext("结束了自己的一个登录"),
        "official.open": lazy_gettext("启用了账号"),
        "official.remove_passkey": lazy_gettext("删除了通行密钥"),
        "official.remove_second_factor": lazy_gettext("停用了动态验证码"),
        "official.renew_recovery_codes": lazy_gettext("重新生成了备用码"),
        "official.reset_password": lazy_gettext("重置了密码"),
        "official.set_up_second_factor": lazy_gettext("启用了动态验证码"),
        "official.sign_in": lazy_gettext("登录了"),
        "official.sign_in_failed": lazy_gettext("登录失败"),
        "official.sign_out": lazy_gettext("退出了登录"),
        "organisation.add": lazy_gettext("新增了单位"),
    },
    subjects={
        "official": lazy_gettext("经办人员"),
        "organisation": lazy_gettext("单位"),
    },
)
