"""Messages for refused edits."""

from __future__ import annotations

from django.utils.translation import gettext as _

from extractions.presentation.review.reasons import label_in_words
from extractions.result.tree import UnknownField
from extractions.review.edit_session import RowRemoved
from extractions.review.edits import Superseded, TooManyRows
from extractions.review.typed_values import NotThatKind

LONGEST_NAMED = 80

REFUSALS = (NotThatKind, Superseded, TooManyRows, RowRemoved, UnknownField)


def refusal(refused: Exception) -> str:
    """The message for one of REFUSALS."""
    match refused:
        case Superseded():
            sentence = _("Nothing was undone: %(path)s has since been changed by somebody else.")
            return sentence % {"path": label_in_words(refused.path)}
        case TooManyRows():
            return _("This list cannot take any more rows.")
        case RowRemoved():
            return _("Nothing was saved: this row was taken out in the meantime.")
        case UnknownField():
            return _("This document has no field “%(path)s”.") % {"path": refused.path[:LONGEST_NAMED]}
    return str(refused)
