"""What reporters bring is shown to the virus scanner, where the county runs one."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from complaints.attachments import IncomingFile, check
from core.errors import UserError
from core.virus_scan import Verdict, scan
from core.web import settings

logger = logging.getLogger("yikatong.virus_scan")


def scanned(files: Sequence[IncomingFile]) -> list[IncomingFile]:
    """The files, each with whether the scanner has found it clean. To be called before anything is written: it may take
    seconds, and nobody else should wait for them.

    Raises UserError for an infected one, and for what is not taken anyway: the scanner has no work with that. One that
    does not answer refuses nothing: who downloads such a file is told that nobody has looked at it.
    """
    address = settings().clamd
    if address is None or not files:
        return list(files)
    check(files)
    verdicts = scan(address, [file.content for file in files])
    if Verdict.INFECTED in verdicts:
        raise UserError(
            "第 %(place)d 个附件带有病毒，没有收下，这次填的内容也还没有提交。请去掉这个附件，或者另拍照片再传。",
            place=verdicts.index(Verdict.INFECTED) + 1,
        )
    if Verdict.UNKNOWN in verdicts:
        logger.warning("virus scanner did not answer", extra={"count": verdicts.count(Verdict.UNKNOWN)})
    return [replace(file, scanned=verdict is Verdict.CLEAN) for file, verdict in zip(files, verdicts, strict=True)]
