"""Names of the ways to pay."""

from __future__ import annotations

import re

from reading.normalization import fold
from reading.vocabulary import any_of

_MEANS = re.compile(rf"(?:{any_of('terms', 'means')})(?: (?:payment|card|zahlung|paiement|betaling))?")


def is_means_of_payment(text: str) -> bool:
    """Whether a text names one and says nothing else: 'Cash', 'Carte bancaire'."""
    return _MEANS.fullmatch(fold(text).strip(" .:")) is not None
