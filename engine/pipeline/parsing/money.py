"""The totals of a document, chosen together: net and tax must make gross, and what was paid must leave what is due."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import product

from .candidates import Candidate, Finder, agreeing, best
from .payment import handed_over
from .readers import find_figures
from .sums import proved_sums
from .text_grid import TextGrid

NET, TAX, GROSS = "total_without_vat", "total_vat", "total_with_vat"
_AGREES, _CONTRADICTS = 0.9, -0.35
_WHOLE = 0.5
"""A tax without a total says less than a total without a tax."""
_SUM_OF_LINES = 0.3
_SHORTLIST = 6
_SURE = 0.5
_ONLY = 0.6
_UNTAXED = 0.7
"""Where no tax is spoken of, what is called net is all there is to pay."""
_MOST_ROUNDED = 0.06


def close(one: float, other: float, tolerance: float = 0.015) -> bool:
    return abs(one - other) <= tolerance


class Totals:
    """The chosen totals by concept."""

    def __init__(self, finder: Finder, line_amounts: Sequence[float] = ()) -> None:
        self._finder = finder
        self._chosen: dict[str, Candidate] = {}
        self._of_lines = round(sum(line_amounts), 2)
        self._roundings = {one.value for one in finder.find("rounding") if 0 < abs(one.value) < _MOST_ROUNDED}
        self._choose_core()
        self._choose_payment()
        self._choose_lines(line_amounts)
        if not self._chosen:
            self._choose_only()
        elif GROSS not in self._chosen and NET in self._chosen and not finder.find(TAX):
            self._chosen[GROSS] = replace(self._chosen[NET], score=self._chosen[NET].score * _UNTAXED)

    def get(self, concept: str) -> Candidate | None:
        if concept in self._chosen:
            return self._chosen[concept]
        if concept in (NET, TAX, GROSS, "amount_due", "prepaid_amount", "line_total"):
            return None
        return best(self._positive(concept))

    def _positive(self, concept: str) -> list[Candidate]:
        """Discounts and payments are asked for as amounts, however their sign is printed."""
        found = agreeing(self._finder.find(concept))
        if concept in ("allowance_total", "prepaid_amount", "charge_total"):
            return [replace(candidate, value=abs(candidate.value)) for candidate in found]
        return found

    def _choose_core(self) -> None:
        lists = {concept: agreeing(self._finder.find(concept))[:_SHORTLIST] for concept in (NET, TAX)}
        lists[TAX] += _per_rate(self._finder.find(TAX))
        sums = list(proved_sums(self._finder.grid, self._finder.labels, self._finder.banned))[:_SHORTLIST]
        lists[GROSS] = self._with_rounding(handed_over(self._finder, agreeing(self._finder.find(GROSS))))[:_SHORTLIST]
        for concept, proved in (
            (NET, [s.net for s in sums]),
            (TAX, [s.tax for s in sums]),
            (GROSS, [s.gross for s in sums]),
        ):
            lists[concept] += [one for one in proved if not any(_same_place(one, other) for other in lists[concept])]
        options: list[list[Candidate | None]] = [[*lists[concept], None] for concept in (NET, TAX, GROSS)]
        best_score = 0.0
        best_triple: tuple[Candidate | None, ...] = (None, None, None)
        for net, tax, gross in product(*options):
            score = _core_score(net, tax, gross, self._roundings)
            if self._of_lines and any(one and close(one.value, self._of_lines) for one in (net, gross)):
                score += _SUM_OF_LINES
            if score > best_score:
                best_score, best_triple = score, (net, tax, gross)
        net, tax, gross = best_triple
        if net and tax and gross and _sign_missing(net.value, tax.value, gross.value):
            tax = replace(tax, value=-tax.value)
        if net is None and tax and gross:
            net = self._net_by_another_name(tax, gross)
        for concept, candidate in zip((NET, TAX, GROSS), (net, tax, gross), strict=True):
            if candidate is not None:
                self._chosen[concept] = candidate

    def _net_by_another_name(self, tax: Candidate, gross: Candidate) -> Candidate | None:
        """The sum of the lines, where the tax makes it the total."""
        lines = (line for line in agreeing(self._finder.find("line_total")) if line.score >= _SURE)
        return next((line for line in lines if close(line.value + tax.value, gross.value)), None)

    def _with_rounding(self, totals: list[Candidate]) -> list[Candidate]:
        """A total that is another total after rounding is the one that was paid."""
        if not self._roundings:
            return totals
        before = [(total.value, total.cell.row) for total in totals]
        raised = [
            replace(total, score=total.score + 0.6)
            if any(
                row < total.cell.row and close(abs(total.value - value), abs(amount), 0.001)
                for value, row in before
                for amount in self._roundings
            )
            else total
            for total in totals
        ]
        return sorted(raised, key=lambda total: -total.score)

    def _choose_payment(self) -> None:
        gross = self._chosen.get(GROSS)
        due_list = agreeing(self._finder.find("amount_due"))[:_SHORTLIST]
        paid_list = self._positive("prepaid_amount")[:_SHORTLIST]
        options = product([*due_list, None], [*paid_list, None])
        scored = [(_payment_score(gross, due, paid), due, paid) for due, paid in options]
        _, due, paid = max(scored, key=lambda option: option[0])
        if due is not None and paid is None and gross is not None:
            paid = self._difference(gross, due)
        if due is not None:
            self._chosen["amount_due"] = due
        elif gross is not None and paid is None:
            self._chosen["amount_due"] = replace(gross, score=gross.score * 0.8)
        if paid is not None:
            self._chosen["prepaid_amount"] = paid
        if gross is None and due is not None and paid is None:
            self._chosen[GROSS] = replace(due, score=due.score * 0.8)

    def _difference(self, gross: Candidate, due: Candidate) -> Candidate | None:
        """What was paid, without a label of its own: the printed amount that lies between the total and what is due."""
        wanted = round(gross.value - due.value, 2)
        if wanted <= 0 or gross.score + due.score < 1.4:
            return None
        for cell in self._finder.grid.cells:
            for span, number in find_figures(cell.span, self._finder.grid.style):
                if number.places == 2 and close(number.value, wanted, 0.005) and cell not in self._finder.banned:
                    return Candidate(number.value, (span,), 0.6)
        return None

    def _choose_lines(self, amounts: Sequence[float]) -> None:
        """The sum of the lines: what is labelled so, else the net total if the lines add up to it."""
        labelled = best(agreeing(self._finder.find("line_total")))
        net = self._chosen.get(NET)
        total = round(sum(amounts), 2)
        if labelled is not None and (not amounts or close(labelled.value, total) or net is None):
            self._chosen["line_total"] = labelled
        elif net is not None and amounts and close(net.value, total):
            self._chosen["line_total"] = replace(net, score=net.score * 0.8)
        elif labelled is not None:
            self._chosen["line_total"] = labelled
        elif net is not None and not any(self._finder.find(name) for name in ("charge_total", "allowance_total")):
            self._chosen["line_total"] = replace(net, score=net.score * 0.6)

    def _choose_only(self) -> None:
        """Where nothing else is money, as on a receipt for a payment, the amount needs no label to be the total."""
        if (only := only_amount(self._finder.grid)) is not None:
            self._chosen[GROSS] = only


def only_amount(grid: TextGrid) -> Candidate | None:
    """The amount of a document that speaks of no other money."""
    found = [
        Candidate(number.value, (span,), _ONLY)
        for cell in grid.cells
        for span, number in find_figures(cell.span, grid.style)
        if number.currency and number.places == 2
    ]
    return found[0] if len({candidate.value for candidate in found}) == 1 else None


def _per_rate(taxes: Sequence[Candidate]) -> list[Candidate]:
    """The sum of taxes that are printed per rate, one below the other."""
    sums: list[Candidate] = []
    run: list[Candidate] = []
    for tax in [*sorted((tax for tax in taxes if tax.score >= _SURE), key=lambda tax: tax.cell.row), None]:
        if tax is not None and run and _right_below(run[-1], tax):
            run.append(tax)
            continue
        if 1 < len(run) < 5:
            spans = tuple(span for one in run for span in one.spans)
            sums.append(Candidate(round(sum(one.value for one in run), 2), spans, min(one.score for one in run)))
        run = [tax] if tax is not None else []
    return sums


def _right_below(one: Candidate, other: Candidate) -> bool:
    return other.cell.row == one.cell.row + 1 and abs(other.spans[0].box.x1 - one.spans[0].box.x1) < 0.02


def _sign_missing(net: float, tax: float, gross: float) -> bool:
    """Whether the tax of a credit note is printed without the sign that its totals have."""
    return net < 0 and not close(net + tax, gross) and close(net - tax, gross)


def _core_score(
    net: Candidate | None, tax: Candidate | None, gross: Candidate | None, roundings: Collection[float]
) -> float:
    chosen = [candidate for candidate in (net, tax, gross) if candidate is not None]
    score = sum(candidate.score for candidate in chosen if candidate.score >= 0.25)
    if any(candidate.score < 0.25 for candidate in chosen):
        return -1.0
    score += _WHOLE if gross else 0.0
    score += sum(_SAME_PLACE for pair in _pairs(chosen) if _same_place(*pair) and not _free_of_tax(tax, pair))
    if net and tax and gross:
        exact = net.value + tax.value
        rounded = any(close(exact + sign * one, gross.value, 0.005) for one in roundings for sign in (1, -1))
        agrees = close(exact, gross.value) or rounded or _sign_missing(net.value, tax.value, gross.value)
        score += _AGREES if agrees else _CONTRADICTS
    elif net and gross and abs(net.value) > abs(gross.value) + 0.01:
        score += _CONTRADICTS
    whole = gross or net
    if tax and whole and tax.value and abs(tax.value) > 0.5 * abs(whole.value):
        score += _CONTRADICTS - tax.score
    return score


_SAME_PLACE = -0.8


def _pairs(chosen: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
    for index, one in enumerate(chosen):
        for other in chosen[index + 1 :]:
            yield one, other


def _same_place(one: Candidate, other: Candidate) -> bool:
    return one.cell is other.cell and one.spans[0].start == other.spans[0].start


def _free_of_tax(tax: Candidate | None, pair: tuple[Candidate, Candidate]) -> bool:
    return (tax is None or tax.value == 0) and tax not in pair


def _payment_score(gross: Candidate | None, due: Candidate | None, paid: Candidate | None) -> float:
    score = sum(candidate.score - 0.3 for candidate in (due, paid) if candidate is not None)
    if gross is None:
        return score
    if due is not None and paid is not None:
        return score + (_AGREES if close(gross.value - paid.value, due.value) else _CONTRADICTS)
    if due is not None:
        return score + (0.3 if close(gross.value, due.value) else 0.0)
    return score - (0.2 if paid is not None else 0.0)
