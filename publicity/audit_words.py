"""What the audit log says of publicity, in words."""

from flask_babel import lazy_gettext

from core.audit.words import words

words(
    "publicity",
    actions={
        "publicity.confirm_posting": lazy_gettext("登记了公示表的张贴"),
        "publicity.create_qr_code": lazy_gettext("生成了查询二维码"),
        "publicity.create_qr_codes": lazy_gettext("批量生成了查询二维码"),
        "publicity.publicise_results": lazy_gettext("公示了发放结果"),
        "publicity.read_photo": lazy_gettext("查看了张贴照片"),
        "publicity.revoke_qr_code": lazy_gettext("停用了查询二维码"),
        "publicity.withdraw": lazy_gettext("撤下了公示表"),
        "publicity.withdraw_posting": lazy_gettext("撤销了张贴的登记"),
    },
    subjects={
        "publicity_list": lazy_gettext("公示表"),
        "qr_code": lazy_gettext("查询二维码"),
    },
)
