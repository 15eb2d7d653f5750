"""docs/retention.md: how long everything is kept, printed from the rooms' rules, in Chinese: it is the county's. A test
keeps the two equal."""

from itertools import groupby

from core.retention import Rule, rules
from core.words import room_words

_HEAD = """# 信息保存多久

由 `flask docs retention` 从各模块的 `retention.py` 打印，请不要手改。每张数据表都有一条。

- 写着“每夜删除”的，由夜间任务分批删除，有测试证明真的删了。
- 资金、账务和证据一律不由程序删除：会计档案期满以后，由档案和财政部门鉴定、造册、监销
  （会计档案管理办法第十八条至第二十条）。
- 备份里的数据到备份自己过期时才消失；各地另有更长规定的，从其规定。
"""


def render() -> str:
    """The document: for each room a table of its rules."""
    parts = [_HEAD]
    for room, found in groupby(rules(), key=lambda rule: rule.room):
        parts += [f"## {room_words(room)}", "", "| 内容 | 保存多久 | 从什么时候起 | 为什么 | 谁删除 | 数据表 |"]
        parts += ["|---|---|---|---|---|---|", *map(_line, found), ""]
    return "\n".join(parts)


def _line(rule: Rule) -> str:
    tables = "、".join(f"`{table}`" for table in rule.tables)
    task = f"程序（`{rule.task}`）" if rule.task else "不由程序删除"
    return f"| {rule.what} | {rule.kept} | {rule.since} | {rule.why} | {task} | {tables} |"
