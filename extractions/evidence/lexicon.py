"""What fields are called, in schemas and on paper, in English, French and German.

One phrase a semicolon, in folded letters: case, accents and the order of a schema's spelling do not matter. A phrase
fits a field whose name holds all its words; of several that fit, the one with the most words is meant.
"""

from __future__ import annotations

from functools import lru_cache

Phrase = tuple[str, ...]

AMOUNTS = {
    "line_amount": "line amount; amount; montant; betrag; positionsbetrag; gesamtpreis",
    "subtotal": """subtotal; sub total; total without vat; total without tax; total excluding tax; total excl tax; total
        excluding vat; total excl vat; total before tax; total net; net total; net amount; amount excl tax; amount
        excluding tax; total ht; montant ht; total hors taxe; total hors taxes; hors taxe; sous total; netto;
        nettobetrag; summe netto; gesamt netto; nettosumme; zwischensumme; tax exclusive; untaxed""",
    "line_total": "line total; lines total; total lines; items total; sum of lines; total lignes; summe positionen",
    "tax": """tax; vat; tax amount; vat amount; total tax; total vat; tax total; vat total; tva; montant tva; total tva;
        mwst; ust; steuer; steuerbetrag; umsatzsteuer; mehrwertsteuer; gst; sales tax; taxes""",
    "total": """total; total amount; grand total; total with vat; total with tax; total incl tax; total including tax;
        total incl vat; total including vat; total ttc; montant ttc; invoice total; invoice amount; amount incl tax;
        gesamtbetrag; gesamtsumme; rechnungsbetrag; bruttobetrag; brutto; endbetrag; montant total; total gross;
        gross total; gross amount; tax inclusive""",
    "due": """amount due; balance due; total due; amount payable; payable; net a payer; reste a payer; zahlbetrag;
        zu zahlen; offener betrag; due amount""",
    "prepaid": """prepaid; prepaid amount; paid; amount paid; deposit; already paid; acompte; deja paye; anzahlung;
        bezahlt; advance""",
    "discount": """discount; allowance; total discount; discount total; allowance total;
        total allowance; remise; rabais; rabatt; nachlass; skonto; reduction;
        escompte""",
    "charge": """shipping; charge total; total charge; total charges;
        charges total; freight; charge; postage; delivery fee; shipping cost; handling; port; frais de port;
        versand; versandkosten; fracht; service charge; tip; surcharge; frais""",
    "rounding": "rounding; rounding adjustment; arrondi; rundung",
    "rate": """vat rate; tax rate; rate; taux; taux tva; steuersatz; mwst satz; tax percent; vat percent; ust satz;
        percentage; tax percentage""",
    "quantity": "quantity; qty; quantite; qte; menge; anzahl; count; nombre; units",
    "unit_price": """unit price; price; unit cost; price per unit; prix unitaire; prix; pu; einzelpreis; preis;
        stuckpreis; unit amount; unit net price""",
    "base": """taxable amount; tax base; base; base ht; taxable; base amount; bemessungsgrundlage; net base; montant ht;
        basisbetrag""",
}
DATES = {
    "issued": """invoice date; issue date; date of issue; issued; document date; date facture; date de facture; date
        emission; date d emission; rechnungsdatum; ausstellungsdatum; belegdatum; bill date; statement date; order
        date; credit note date; receipt date; date; rechnung vom; vom; facture du; dated; datum;
        issued at; issued on; emise le""",
    "due": """due date; payment due; date due; due; payment deadline; echeance; date echeance; date d echeance;
        falligkeit; faelligkeit; falligkeitsdatum; zahlbar bis; pay by; zahlungsziel""",
    "delivered": "delivery date; service date; date livraison; lieferdatum; leistungsdatum; ship date",
    "start": """start date; start; from date; period start; begin; valid from; date debut; debut; beginn; startdatum;
        check in; issue""",
    "end": """end date; end; to date; period end; valid until; expiry; expiry date; expiration; expires; date fin; fin;
        ende; enddatum; check out; valid to""",
    "born": "birth date; date of birth; birthdate; dob; date naissance; date de naissance; geburtsdatum",
}
CODES = {
    "iban": "iban",
    "bic": "bic; swift",
    "vat_id": """vat id; vat number; vat no; vat registration; tva intracommunautaire; numero tva; no tva; ust id; ust
        idnr; ustid; umsatzsteuer id; vat identification; vat reg; uid""",
    "siren": "siren",
    "siret": "siret",
    "currency": "currency; currency code; devise; wahrung; waehrung; monnaie; iso 4217",
    "country": "country; country code; pays; land; laendercode; landercode; code pays",
    "email": "email; e mail; mail; courriel; email address; adresse mail",
}
LABELS = {
    "invoice_number": """invoice number; invoice no; invoice nr; invoice id; facture; numero facture; facture no;
        rechnungsnummer; rechnung nr; rechnungs nr; belegnummer; rechnung; receipt no; avoir; gutschrift; document no;
        invoice""",
    "order_number": """order number; purchase order; po number; order no; order; commande; bon de commande;
        bestellnummer; bestellung; auftragsnummer; auftrag; your order; bestellnr""",
    "customer_number": """customer number; customer no; customer id; client; code client; kundennummer; kunden nr;
        kundennr""",
    "seller": """seller; supplier; vendor; from; issuer; merchant; vendeur; fournisseur; emetteur; verkaufer; lieferant;
        rechnungssteller; absender; company""",
    "buyer": """buyer; customer; client; bill to; sold to; billed to; acheteur; facture a; destinataire; kaufer; kunde;
        rechnungsempfanger; empfanger; recipient; to""",
    "ship_to": "ship to; deliver to; delivery address; livre a; livraison; lieferadresse; lieferanschrift",
    "name": "name; nom; raison sociale; firma; company; societe",
    "street": "street; address; adresse; rue; strasse; anschrift",
    "postal_code": "postal code; zip; zip code; postcode; code postal; plz; postleitzahl",
    "city": "city; town; ville; ort; stadt",
    "description": "description; designation; item; article; libelle; bezeichnung; beschreibung; artikel; produit",
    "phone": "phone; telephone; tel; telefon; mobile",
}
NOT_WORDS = frozenset(
    {
        *("a", "an", "the", "of", "in", "on", "at", "for", "to", "and", "or", "is", "as", "it", "its", "if", "any"),
        *("no", "number", "code", "id", "value", "amount", "date", "name", "total", "from", "with", "without", "per"),
        *("by", "format", "iso", "string", "text", "such", "example", "printed", "document", "page", "this", "that"),
        *("which", "yyyy", "mm", "dd", "le", "la", "les", "de", "du", "des", "un", "une", "et", "ou", "der", "die"),
        *("das", "und", "oder", "im"),
    }
)

# Words that mean something only when they are the whole name: a "total" is money, a "total weight" is not.
GENERIC = frozenset(
    {
        *("total", "amount", "base", "paid", "count", "units", "price", "rate", "date", "due", "end", "start", "begin"),
        *("fin", "debut", "port", "charge", "deposit", "advance", "issue", "issued", "expires", "tax", "vat", "ust"),
        *(
            "tva",
            "mwst",
            "steuer",
            "taxes",
            "netto",
            "brutto",
            "percentage",
            "reduction",
            "nombre",
            "anzahl",
            "montant",
        ),
        *("betrag", "land", "mail", "payable", "handling", "tip", "frais", "versand", "preis", "taux", "uid", "ende"),
    }
)
FILLERS = frozenset({"value", "in", "eur", "usd", "gbp", "the", "of"})

# What stands on paper for the words that schemas offer as choices.
CHOICES = {
    "invoice": "invoice; facture; rechnung; factuur; fattura; factura; bill; tax invoice",
    "credit note": "credit note; avoir; gutschrift; rechnungskorrektur; creditnota; note de credit; credit memo",
    "receipt": "receipt; recu; ticket; quittung; kassenbon; beleg; bon; cash bill",
    "quote": "quote; quotation; devis; angebot; estimate",
    "purchase order": "purchase order; bon de commande; bestellung",
    "delivery note": "delivery note; bon de livraison; lieferschein",
    "bank transfer": "bank transfer; virement; uberweisung; wire transfer; credit transfer; transfer; sepa",
    "direct debit": "direct debit; prelevement; lastschrift; sepa direct debit",
    "card": "card; carte; karte; credit card; visa; mastercard; kreditkarte; carte bancaire; cb; debit card",
    "credit card": "credit card; visa; mastercard; kreditkarte; carte bancaire; carte de credit",
    "cash": "cash; especes; bar; barzahlung; comptant; bargeld",
    "cheque": "cheque; check; scheck",
    "paid": "paid; paye; payee; bezahlt; acquittee; acquitte",
    "unpaid": "unpaid; due; a payer; offen; impaye; zu zahlen",
    "monthly": "monthly; mensuel; mensuelle; monatlich; month; mois; monat",
    "yearly": "yearly; annual; annuel; annuelle; jahrlich; year; an; jahr",
    "male": "male; m; homme; masculin; mannlich; h",
    "female": "female; f; femme; feminin; weiblich; w",
    "yes": "yes; oui; ja; true; x",
    "no": "no; non; nein; false",
}


@lru_cache(maxsize=1)
def concepts() -> dict[str, dict[str, tuple[Phrase, ...]]]:
    groups = {"amounts": AMOUNTS, "dates": DATES, "codes": CODES, "labels": LABELS, "choices": CHOICES}
    return {group: {name: phrases(text) for name, text in described.items()} for group, described in groups.items()}


def phrases(text: str) -> tuple[Phrase, ...]:
    return tuple(tuple(phrase.split()) for phrase in text.split(";"))


@lru_cache(maxsize=4096)
def meant(words: tuple[str, ...], group: str) -> str | None:
    """The concept of the group that these words name, by the longest phrase that they hold."""
    best, longest = None, 0.0
    said = tuple(word for word in words if word not in FILLERS)
    for name, known in concepts()[group].items():
        for phrase in known:
            if phrase[0] in GENERIC and len(phrase) == 1 and said != phrase:
                continue
            if all(word in words for word in phrase):
                # A phrase that is the whole name says more than one that is a part of it.
                length = len(phrase) + (0.5 if len(phrase) == len(words) else 0.0)
                if length > longest:
                    best, longest = name, length
    return best
