"""Which programmes say something sensitive about those who are on their lists."""

import re

# Programmes whose very name tells something sensitive about those who are on the list: disability, orphans, children
# under 14 (PIPL §28, policy §3).
_SENSITIVE = re.compile(
    "残疾|残障|伤残|失能|失智|智力|精神|孤儿|事实无人抚养|困境儿童|儿童|未成年|婴|幼儿|学前|义务教育|小学|艾滋|重大疾病|大病|罕见病"
)


def is_sensitive(name: str, target: str) -> bool:
    """Whether a programme's name or whom it is for reveals sensitive personal information: the default for a new one,
    which finance may change."""
    return _SENSITIVE.search(name) is not None or _SENSITIVE.search(target) is not None
