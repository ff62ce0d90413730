"""Comments as pages show them: mentioned names marked, fields by their labels."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from extractions.models import Comment, Extraction
from extractions.presentation.review.reasons import label_in_words
from extractions.result.rows import RowEdits


@dataclass(frozen=True, slots=True)
class Remark:
    comment: Comment
    label: str
    """Of the field that it is about; empty for the whole document."""

    @property
    def text(self) -> SafeString:
        """The text with the mentioned names marked and line breaks kept."""
        marked = str(escape(self.comment.text))
        for name in sorted(self.comment.mentioned, key=len, reverse=True):
            said = f"@{escape(name)}"
            marked = marked.replace(said, format_html('<b class="mention">{}</b>', mark_safe(said)))  # noqa: S308
        return mark_safe(marked.replace("\n", "<br>"))  # noqa: S308 - escaped above


def remarks_of(extraction: Extraction) -> list[Remark]:
    schema = extraction.schema.schema if extraction.schema else None
    edits = RowEdits.read(extraction.row_edits)
    return [
        Remark(comment, label_in_words(comment.path, schema, edits) if comment.path else "")
        for comment in extraction.comments.select_related("author")
    ]
