"""Why a file cannot be read at all, each with the sentence for the official. Imported by the child process too."""

from core.errors import UserError
from core.msgid import N_

SENTENCES = {
    "empty": N_("文件是空的。请确认选对了文件，再重新上传。"),
    "too_large": N_(
        "文件有 %(megabytes)s MB，超过了 %(limit)s MB 的上限。请删去无关的工作表和图片，或拆成几个文件后再上传。"
    ),
    "encrypted": N_("文件设了打开密码，系统读不了。请用 Excel 或 WPS 打开，取消密码后另存，再上传。"),
    "damaged": N_("文件已经损坏，或没有传完整，打不开。请先在电脑上打开看看，另存一份后再上传。"),
    "picture": N_("这是一张图片，不是表格。请上传 Excel（xlsx、xls）、CSV 或文本格式的表格文件。"),
    "pdf": N_("这是 PDF 文件，不是表格。请上传原来的 Excel（xlsx、xls）、CSV 或文本格式的表格文件。"),
    "document": N_("这是 Word 文档，不是表格。请把其中的表格复制到 Excel 或 WPS 表格里，保存后再上传。"),
    "slides": N_("这是演示文稿，不是表格。请上传 Excel（xlsx、xls）、CSV 或文本格式的表格文件。"),
    "archive": N_("这是压缩包，不是表格。请先解压，再把里面的表格文件逐个上传。"),
    "web_archive": N_("这是“单个文件网页”，系统读不了。请用 Excel 或 WPS 打开，另存为 xlsx 后再上传。"),
    "other_kind": N_("认不出这是什么文件。请上传 Excel（xlsx、xls）、CSV 或文本格式的表格文件。"),
    "no_table": N_("文件里没有找到表格。请用 Excel 或 WPS 打开，另存为 xlsx 后再上传。"),
    "encoding": N_("文件里的文字编码认不出来。请用 Excel 或 WPS 打开，确认没有乱码，另存为 xlsx 后再上传。"),
    "open_quote": N_("第 %(row)s 行的英文双引号没有成对，后面的内容会被读错。请补上或删去这个双引号，再上传。"),
    "too_complex": N_(
        "表格展开后太大，读不下。常见的原因是很远的行或列里有内容，或者整列都设了公式。"
        "请把要用的区域复制到新的工作簿，保存后再上传。"
    ),
    "too_slow": N_("读这个文件用的时间太长，已经停下。请把要用的区域复制到新的工作簿，保存后再上传。"),
    "unreadable": N_("这个文件读不了。请用 Excel 或 WPS 打开，另存为 xlsx 后再上传。"),
}


class TableError(UserError):
    """A file that cannot be read. ``code`` names the reason for programs, ``sentence`` says it to people."""

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(SENTENCES[code], **parameters)
        self.code = code
