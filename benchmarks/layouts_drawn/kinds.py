"""What documents of a kind say: which parties, which fields beside the heading, which columns, which sums."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Kind:
    name: str
    document_class: str
    goods: tuple[str, ...]
    meta: dict[str, float]
    """Fields beside the heading, and how likely a document shows them."""
    columns: dict[str, float]
    rows: str = "items"
    alternatives: tuple[str, ...] = ()
    taxed: bool = True
    second: tuple[str, ...] = field(default_factory=tuple)
    """Columns that one row always has."""


_TRADES = ("office", "trade", "it", "food", "services", "shop")
_ITEM_COLUMNS = {
    "position": 0.35, "code": 0.45, "description": 1.0, "quantity": 0.85, "unit": 0.35, "unit_price": 0.8,
    "discount_percent": 0.2, "tax_rate": 0.4, "amount": 1.0,
}  # fmt: skip
_SALE_META = {
    "number": 1.0, "issue_date": 1.0, "due_date": 0.65, "delivery_date": 0.35, "order_number": 0.4, "order_date": 0.15,
    "customer_number": 0.5, "delivery_note_number": 0.12, "project": 0.12, "contact": 0.35, "reference": 0.25,
    "payment_terms": 0.35, "payment_method": 0.2, "buyer.vat_id": 0.2, "period": 0.1,
}  # fmt: skip

KINDS = {
    kind.name: kind
    for kind in (
        Kind("invoice", "Invoice", _TRADES, _SALE_META, _ITEM_COLUMNS),
        Kind("credit_note", "CreditNote", _TRADES,
             {"number": 1.0, "issue_date": 1.0, "original_invoice": 0.8, "customer_number": 0.5, "contact": 0.3,
              "reference": 0.3, "order_number": 0.2}, _ITEM_COLUMNS),
        Kind("quote", "Quote", _TRADES,
             {"number": 1.0, "issue_date": 1.0, "valid_until": 0.8, "customer_number": 0.4, "contact": 0.6,
              "project": 0.3, "reference": 0.3, "payment_terms": 0.3}, _ITEM_COLUMNS),
        Kind("order", "OrderConfirmation", _TRADES,
             {"number": 1.0, "issue_date": 1.0, "order_number": 0.6, "order_date": 0.4, "delivery_date": 0.6,
              "customer_number": 0.5, "contact": 0.4, "payment_terms": 0.4}, _ITEM_COLUMNS),
        Kind("purchase_order", "PurchaseOrder", _TRADES,
             {"number": 1.0, "issue_date": 1.0, "requested_date": 0.7, "contact": 0.5, "payment_terms": 0.4,
              "project": 0.2, "reference": 0.2}, _ITEM_COLUMNS),
        Kind("delivery_note", "DeliveryNote", ("office", "food", "shop", "trade"),
             {"number": 1.0, "issue_date": 0.6, "delivery_date": 0.8, "order_number": 0.7, "order_date": 0.3,
              "customer_number": 0.5, "weight": 0.3, "packages": 0.35, "carrier": 0.35, "tracking": 0.25},
             {"position": 0.3, "code": 0.6, "description": 1.0, "ordered": 0.4, "delivered": 1.0, "unit": 0.4},
             taxed=False),
        Kind("hotel", "Invoice", ("hotel",),
             {"number": 1.0, "issue_date": 0.9, "guest": 0.9, "room": 0.9, "arrival": 1.0, "departure": 1.0,
              "nights": 0.4, "persons": 0.35, "payment_method": 0.3, "contact": 0.1},
             {"date": 0.5, "description": 1.0, "quantity": 0.6, "unit_price": 0.5, "tax_rate": 0.3, "amount": 1.0},
             alternatives=("HotelBill", "Receipt")),
        Kind("utility_bill", "UtilityBill", ("energy",),
             {"number": 1.0, "issue_date": 1.0, "due_date": 0.8, "contract_number": 0.8, "customer_number": 0.5,
              "meter_number": 0.8, "period": 0.9, "previous_reading": 0.7, "current_reading": 0.7, "consumption": 0.7,
              "tariff": 0.5, "supply_address": 0.3, "payment_method": 0.3},
             {"description": 1.0, "quantity": 0.7, "unit": 0.3, "unit_price": 0.7, "amount": 1.0},
             alternatives=("Invoice",)),
        Kind("statement", "AccountStatement", (),
             {"number": 0.4, "issue_date": 1.0, "customer_number": 0.8, "period": 0.6, "payment_terms": 0.3,
              "contact": 0.2},
             {"date": 1.0, "invoice_number": 1.0, "due_date": 0.6, "invoice_amount": 1.0, "balance": 0.7},
             rows="open_items", taxed=False, alternatives=("BankStatement",)),
        Kind("bank_statement", "BankStatement", ("bank",),
             {"number": 0.7, "issue_date": 0.8, "account_number": 0.7, "iban": 0.7, "bic": 0.5, "period": 0.8},
             {"date": 1.0, "text": 1.0, "debit": 1.0, "credit": 1.0, "running": 0.6},
             rows="transactions", taxed=False, alternatives=("AccountStatement",)),
        Kind("payslip", "Payslip", ("pay",),
             {"period": 0.9, "pay_date": 0.7, "employee_number": 0.8, "job": 0.5, "department": 0.4,
              "social_number": 0.6, "tax_class": 0.4, "entry_date": 0.4, "number": 0.2, "iban": 0.3},
             {"earning": 1.0, "worked": 0.5, "rate": 0.5, "amount": 1.0}, rows="earnings", taxed=False),
        Kind("reminder", "Reminder", (),
             {"number": 0.6, "issue_date": 1.0, "customer_number": 0.7, "level": 0.3, "deadline": 0.8, "contact": 0.3},
             {"invoice_number": 1.0, "date": 1.0, "due_date": 0.7, "invoice_amount": 1.0}, rows="open_items",
             taxed=False, alternatives=("DunningLetter",)),
        Kind("receipt", "Receipt", ("menu", "shop", "food"),
             {"number": 0.9, "issue_date": 1.0, "time": 0.85, "cashier": 0.5, "table": 0.3},
             {"quantity": 0.6, "description": 1.0, "unit_price": 0.4, "amount": 1.0}),
    )
}  # fmt: skip

FAMILIES = (
    ("invoice", "credit_note", "invoice", "quote"), ("invoice", "invoice", "order", "credit_note"),
    ("invoice", "quote", "invoice", "purchase_order"), ("invoice", "invoice", "invoice", "credit_note"),
    ("invoice", "invoice", "delivery_note", "order"), ("delivery_note",), ("receipt",), ("hotel",), ("utility_bill",),
    ("statement", "reminder"), ("bank_statement",), ("payslip",), ("reminder", "statement"),
    ("purchase_order", "order"), ("receipt",), ("invoice",), ("invoice",),
)  # fmt: skip
"""Kinds that one design serves; a family is drawn from these."""
