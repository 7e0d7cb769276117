"""Why a material cannot be used: stable codes, and for each a sentence that says what to do instead."""

from django.utils.translation import gettext_lazy as _

from reviews.models import Material

SENTENCES = {
    "file_damaged": _("文件已损坏或不完整，请重新拍摄或导出后上传。"),
    "file_too_complex": _("文件内容过于复杂，无法处理，请改用拍照或普通扫描件上传。"),
    "image_too_large": _("图片像素过大（上限 4000 万像素），请降低分辨率后重新上传。"),
    "pdf_encrypted": _("PDF 设有打开密码，请去除密码后重新上传。"),
    "pdf_too_many_pages": _("PDF 超过 20 页，请只上传需要的页面。"),
    "pdf_page_too_large": _("PDF 页面尺寸过大，请按 A4 纸导出后重新上传。"),
    "processing_failed": _("文件多次处理失败，请换一种格式或重新拍摄后上传。"),
}


def sentence_of(material: Material) -> str:
    """What to do about a refused material; empty for any other."""
    return str(SENTENCES.get(material.problem, ""))
