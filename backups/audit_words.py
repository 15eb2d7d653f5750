"""What the audit log says of back-ups, in words."""

from flask_babel import lazy_gettext

from core.audit.words import words

words(
    "backups",
    actions={
        "backup.create": lazy_gettext("做了备份"),
        "backup.restore": lazy_gettext("用备份恢复了数据库"),
    },
    subjects={
        "backup": lazy_gettext("备份"),
    },
)
