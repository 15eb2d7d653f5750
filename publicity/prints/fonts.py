"""Finds a font of the system that a Chinese PDF can be set in. None comes with the product: it would weigh more than
all the rest."""

from pathlib import Path

FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",  # Debian, Ubuntu, Kylin
    "/usr/share/fonts/wqy-microhei/wqy-microhei.ttc",  # CentOS, openEuler
    "/usr/share/fonts/wqy-microhei-fonts/wqy-microhei.ttc",  # Fedora
    "/usr/share/fonts/wenquanyi/wqy-microhei/wqy-microhei.ttc",  # Arch
    "/usr/local/share/fonts/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/wqy-zenhei/wqy-zenhei.ttc",
)
PACKAGE = "fonts-wqy-microhei"
"""What an administrator installs where there is none."""


def find() -> Path | None:
    """The first font that is there; None where there is none. Looked for each time: it may be installed meanwhile."""
    return next((path for path in map(Path, FONTS) if path.is_file()), None)
