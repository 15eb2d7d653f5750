"""What the audit log says of the ground floor, in words."""

from flask_babel import lazy_gettext

from core.audit.words import words

words(
    "audit",
    actions={
        "access.refused": lazy_gettext("被拒绝访问"),
        "audit.archive": lazy_gettext("归档了较早的审计记录"),
        "audit.protect": lazy_gettext("限定了程序账号对审计日志的数据库权限"),
        "audit.remove_archived": lazy_gettext("从数据库移出了已归档的审计记录"),
        "audit.verify": lazy_gettext("核对了审计日志的封存链"),
        "calendar.import_year": lazy_gettext("录入了一年的放假安排"),
        "calendar.set_day": lazy_gettext("修改了工作日历的一天"),
        "keys.count_rotated": lazy_gettext("统计了重新加密的行数"),
        "keys.rotate": lazy_gettext("用当前密钥重新加密了数据"),
        "listing.export": lazy_gettext("导出了列表"),
        "retention.delete": lazy_gettext("删除了保存期满的数据"),
        "upload.confirm": lazy_gettext("确认导入上传的文件"),
        "upload.discard": lazy_gettext("放弃了上传的文件"),
        "upload.import": lazy_gettext("导入了上传的文件"),
        "upload.receive": lazy_gettext("上传了文件"),
        "upload.take_listed": lazy_gettext("下载了上传文件中列出的行"),
        "upload.take_marked_copy": lazy_gettext("下载了标出问题的文件"),
    },
    subjects={
        "audit": lazy_gettext("审计日志"),
        "audit_archive": lazy_gettext("审计归档"),
        "calendar": lazy_gettext("工作日历"),
        "keys": lazy_gettext("密钥"),
        "listing": lazy_gettext("列表"),
        "page": lazy_gettext("页面"),
        "retention": lazy_gettext("保存期限"),
        "upload": lazy_gettext("上传的文件"),
    },
)
