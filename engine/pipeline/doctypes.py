"""Kinds of documents: what they are called, and by which headings and words a page shows that it is one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from reading.document import Line, Page, Source

from .values import fold


@dataclass(frozen=True, slots=True)
class Kind:
    """`names` are what people call it (a category, a heading), `cues` are words that it uses, commonly several."""

    names: str
    cues: str = ""


KINDS: dict[str, Kind] = {
    "invoice": Kind(
        """invoice; tax invoice; sales invoice; bill; facture; facture client; rechnung; handelsrechnung; factuur;
            fattura; commercial invoice; supplier invoice; facture fournisseur; eingangsrechnung; vat invoice;
            rekening; billing statement""",
        """invoice number; invoice date; invoice no; bill to; due date; amount due; numero de facture; date de
            facture; n facture; echeance; total ttc; total ht; net a payer; conditions de paiement; rechnungsnummer;
            rechnungsdatum; rechnungsbetrag; zahlbar; kundennummer; ust idnr; nettobetrag; factuurnummer;
            factuurdatum; klantnummer; btw; iban; payment terms; unit price; prix unitaire; einzelpreis; subtotal;
            balance due; tva intracommunautaire; siret; remittance; purchase order; p o number; invoice total;
            facture n""",
    ),
    "credit_note": Kind(
        """credit note; credit memo; avoir; facture d'avoir; note de credit; gutschrift; rechnungskorrektur;
            stornorechnung; creditnota; creditfactuur; storno; kreditnota; refund""",
        "facture liee; original invoice; credited; remboursement; refund; avoir suite; erstattung; facture d'origine",
    ),
    "self_billed_invoice": Kind(
        """self billed invoice; self billing; selbst ausgestellte rechnung; autofacturation; autofacture;
            gutschriftsverfahren"""
    ),
    "corrected_invoice": Kind("""corrected invoice; facture rectificative; korrekturrechnung; rechnungskorrektur;
        correctiefactuur"""),
    "prepayment_invoice": Kind(
        """prepayment invoice; facture d'acompte; anzahlungsrechnung; vorauszahlungsrechnung; voorschotfactuur;
            abschlagsrechnung"""
    ),
    "partial_invoice": Kind("partial invoice; facture partielle; teilrechnung; facture de situation; deelfactuur"),
    "proforma": Kind("proforma; pro forma; proforma invoice; facture proforma; proforma rechnung; pro forma factuur"),
    "receipt": Kind(
        """receipt; sales receipt; till receipt; cash receipt; recu; ticket de caisse; ticket; kassenbon;
            kassenzettel; quittung; beleg; bon; kassabon; expense receipt; cash bill; cash sale; addition; note de
            restaurant; meal receipt; fuel receipt; till slip""",
        """change; cash; cashier; thank you; please come again; total; qty; subtotal; gst; visa; mastercard; card;
            tip; server; table; guest; merci de votre visite; especes; rendu; caisse; cb; vielen dank; bar;
            ruckgeld; kasse; terminal; approved; auth code; goods sold are not returnable; round adj; rounding;
            tendered; merchant; transaction; pump; litre; tax invoice; opnieuw; bedankt; kassier; pin; amount rm""",
    ),
    "quote": Kind(
        """quote; quotation; estimate; devis; angebot; kostenvoranschlag; offerte; proposition commerciale; price
            offer; offer; proposal; prijsopgave""",
        """valid until; validite; bon pour accord; gultig bis; angebotsnummer; devis n; quote number; offertenummer;
            geldig tot""",
    ),
    "purchase_order": Kind(
        "purchase order; bon de commande; bestellung; inkooporder; order form; commande; bestelbon; order; auftrag",
        """ship to; vendor; order number; bestellnummer; numero de commande; lieferadresse; delivery date; po
            number; ordered""",
    ),
    "order_confirmation": Kind("order confirmation; confirmation de commande; auftragsbestatigung; orderbevestiging"),
    "delivery_note": Kind(
        """delivery note; packing slip; packing list; bon de livraison; lieferschein; pakbon; leverbon; bill of
            lading; cmr""",
        "delivered; shipped; livraison; geliefert; received by; quantity shipped; colis; gewicht; weight; empfangen",
    ),
    "reminder": Kind(
        """reminder; payment reminder; dunning; relance; rappel; mise en demeure; mahnung; zahlungserinnerung;
            aanmaning; herinnering""",
        "overdue; outstanding; impaye; retard de paiement; uberfallig; mahngebuhr; past due",
    ),
    "payslip": Kind(
        """payslip; pay slip; pay stub; paystub; salary slip; wage slip; bulletin de paie; bulletin de salaire;
            fiche de paie; gehaltsabrechnung; lohnabrechnung; entgeltabrechnung; loonstrook; salarisstrook;
            verdienstabrechnung; payroll""",
        """gross pay; net pay; earnings; deductions; salaire brut; net a payer; cotisations; employeur; salarie;
            brutto; steuerklasse; sozialversicherung; employee; ytd; pay period; conges; urssaf; lohnsteuer; salaire
            de base; net imposable""",
    ),
    "bank_statement": Kind(
        """bank statement; account statement; statement of account; releve de compte; releve bancaire; releve;
            kontoauszug; bankafschrift; rekeningafschrift; rekeningoverzicht; extrait de compte; credit card
            statement""",
        """opening balance; closing balance; account number; withdrawals; deposits; transactions; solde; debit;
            credit; kontostand; buchungstag; valuta; saldo; ancien solde; nouveau solde; date valeur; statement
            period; available balance; beginning balance; ending balance; account summary; checks""",
    ),
    "bank_details": Kind(
        "bank details; rib; releve d'identite bancaire; bankverbindung; iban certificate; bankgegevens",
        "code banque; code guichet; cle rib; domiciliation; titulaire du compte; bic; iban",
    ),
    "cheque": Kind("cheque; check; bank cheque; scheck", "pay to the order of; payez contre ce cheque; memo; dollars"),
    "contract": Kind(
        """contract; agreement; service agreement; contrat; convention; vertrag; vereinbarung; overeenkomst; contrat
            de travail; employment contract; arbeitsvertrag; nda; non disclosure agreement; lease; lease agreement;
            bail; mietvertrag; contrat de location; rental agreement; contrat de prestation; dienstvertrag;
            kaufvertrag; huurovereenkomst; terms and conditions; avenant""",
        """hereby; the parties; agreement; article 1; shall; party; termination; confidential; governing law; entre
            les soussignes; il a ete convenu; ci apres; les parties; resiliation; vertragspartner; vertragsparteien;
            kundigung; paragraph; partijen; hereinafter; whereas; witnesseth; signature; in witness; fait a;
            laufzeit; tussen""",
    ),
    "identity_card": Kind(
        """identity card; id card; national id; identity document; id; carte d'identite; carte nationale d'identite;
            cni; personalausweis; ausweis; identiteitskaart; identity; piece d'identite; proof of identity""",
        """nationality; date of birth; sex; nom; prenom; nationalite; ne le; geburtstag; geboren;
            staatsangehorigkeit; surname; given names; carte nationale d'identite; republique francaise; idfra;
            bundesrepublik deutschland; personalausweis; valable jusqu'au; taille; titre de sejour""",
    ),
    "passport": Kind(
        "passport; passeport; reisepass; paspoort",
        """passport no; nationality; place of birth; authority; passeport; reisepass; p<; type type; given names;
            surname""",
    ),
    "driver_license": Kind(
        """driver license; drivers license; driver s license; driving licence; driving license; driver s licence;
            permis de conduire; fuhrerschein; rijbewijs; drivers licence; dl; licence""",
        """class; dob; restrictions; endorsements; permis de conduire; fuhrerschein; driver; license; donor; hgt;
            wgt; eyes; sex; exp; iss; dl; driving licence; vehicle""",
    ),
    "residence_permit": Kind("""residence permit; titre de sejour; aufenthaltstitel; verblijfsvergunning; carte de
        sejour; visa"""),
    "health_insurance_card": Kind(
        """health insurance card; insurance card; carte vitale; carte mutuelle; versichertenkarte; gesundheitskarte;
            medical card; european health insurance card; krankenversicherungskarte; zorgpas; carte de tiers payant;
            ehic; health card""",
        """member id; group; rx; copay; plan; subscriber; rxbin; pcn; deductible; dependents; member name;
            insurance; vitale; specialist; emergency; ppo; hmo; payer id; coverage; group number; rxgrp; office
            visit; health""",
    ),
    "vehicle_registration": Kind(
        """vehicle registration; carte grise; certificat d'immatriculation; zulassungsbescheinigung; fahrzeugschein;
            kentekenbewijs""",
        """immatriculation; kennzeichen; fahrgestellnummer; vin; chassis; kenteken; zulassung; certificat
            d'immatriculation""",
    ),
    "resume": Kind(
        """resume; cv; curriculum vitae; lebenslauf; candidate profile; bewerbung; candidature; curriculum; job
            application""",
        """experience; education; skills; languages; competences; formation; experience professionnelle; diplome;
            berufserfahrung; ausbildung; kenntnisse; sprachen; werkervaring; opleiding; vaardigheden; references;
            hobbies; bachelor; master; university; linkedin; interests; loisirs; centres d'interet; work experience;
            objective; profile; career; degree""",
    ),
    "utility_bill": Kind(
        """utility bill; electricity bill; gas bill; water bill; phone bill; energy bill; facture d'electricite;
            facture d'energie; facture d'eau; facture de gaz; facture de telephone; stromrechnung; gasrechnung;
            energierechnung; wasserrechnung; energierekening; proof of address; justificatif de domicile; telecom
            bill; internet bill; facture edf""",
        """kwh; meter; meter reading; electricity; gas; water; consumption; usage; compteur; consommation;
            abonnement; releve; zahlerstand; verbrauch; strom; energie; meterstand; elektriciteit; kilowatt; service
            address; billing period; tarif; supply; delivery charges; m3; therms; account number; edf; engie""",
    ),
    "tax_form": Kind(
        """tax form; tax return; w 9; w9; w 2; w2; 1099; w 8ben; declaration fiscale; avis d'imposition;
            steuerbescheid; steuererklarung; tax notice; belastingaangifte; declaration de revenus; impot""",
        """internal revenue service; department of the treasury; omb no; taxpayer; form 1099; irs; withholding;
            impot; revenu fiscal; finanzamt; einkommensteuer; belastingdienst; payer s; recipient s""",
    ),
    "form": Kind(
        """form; application form; questionnaire; formulaire; formular; antrag; fragebogen; formulier; application;
            aanvraag; registration form; claim form; demande; declaration; fiche; survey; cerfa; request form;
            filled form""",
        """please print; please complete; check one; check box; tick; for office use only; signature; date; name;
            address; form; omb no; cocher; a remplir; bitte ausfullen; ankreuzen; unterschrift; invullen; telephone;
            fax; city state zip; yes no; section; title; applicant; approved by; print or type; form no; submitted
            by; department; instructions""",
    ),
    "letter": Kind(
        """letter; correspondence; courrier; lettre; brief; schreiben; anschreiben; mail; memo; memorandum; note;
            cover letter""",
        """dear; sincerely; regards; madame; monsieur; cordialement; sehr geehrte; mit freundlichen grussen;
            geachte; yours; objet""",
    ),
    "business_card": Kind(
        "business card; carte de visite; visitenkarte; visitekaartje; contact card",
        "www; email; phone; mobile; fax; ceo; founder; manager; director; tel; @",
    ),
    "report": Kind(
        """report; study; article; paper; rapport; bericht; publication; research paper; verslag; white paper;
            manual; handbook; scientific article; documentation; book; guide; text; etude""",
        """abstract; introduction; conclusion; references; chapter; figure; table of contents; section; resume;
            zusammenfassung""",
    ),
    "certificate": Kind(
        """certificate; attestation; certificat; bescheinigung; zertifikat; urkunde; certificaat; diploma; diplome;
            zeugnis; birth certificate; acte de naissance; geburtsurkunde""",
        "hereby certify; certify that; atteste; certifie; bescheinigt; hiermit; soussigne; awarded; delivre",
    ),
    "insurance": Kind(
        """insurance policy; insurance; assurance; police d'assurance; versicherung; versicherungspolice;
            versicherungsschein; attestation d'assurance; verzekering; polis; insurance certificate""",
        """policy number; insured; premium; coverage; assure; prime; garantie; versicherungsnehmer; deckung;
            sinistre; polisnummer""",
    ),
    "prescription": Kind(
        """prescription; medical prescription; ordonnance; rezept; recept; medical report; compte rendu medical;
            arztbrief""",
        "mg; tablet; dose; patient; dr; doctor; medecin; posologie; comprime; arzt; medication; pharmacy",
    ),
    "timesheet": Kind(
        """timesheet; time sheet; feuille de temps; stundenzettel; urenstaat; feuille d'heures; releve d'heures;
            zeiterfassung""",
        "hours; monday; tuesday; total hours; heures; stunden; uren; lundi; montag",
    ),
    "expense_report": Kind(
        """expense report; expense claim; note de frais; spesenabrechnung; reisekostenabrechnung; onkostennota;
            declaratie""",
        "reimbursement; per diem; mileage; remboursement; reisekosten; kilometer; employee",
    ),
    "ticket": Kind(
        """travel ticket; train ticket; boarding pass; flight ticket; billet; fahrkarte; carte d'embarquement;
            bordkarte; eticket""",
        "flight; seat; gate; boarding; passenger; departure; arrival; vol; siege; gare; gleis; sitzplatz; train; pnr",
    ),
}  # fmt: skip
"Kinds by an inner name; none of the names leaves the engine."


PARENTS = dict.fromkeys(
    ("credit_note", "self_billed_invoice", "corrected_invoice", "prepayment_invoice", "partial_invoice", "proforma"),
    "invoice",
)
"""Kinds that use the words of another one and differ by their heading."""


_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+|@", fold(text))


@cache
def _phrases(kind: str) -> tuple[tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]:
    entry = KINDS[kind]
    return (
        tuple(tuple(words(part)) for part in entry.names.split(";") if words(part)),
        tuple(tuple(words(part)) for part in entry.cues.split(";") if words(part)),
    )


def _within(phrase: Sequence[str], text: Sequence[str]) -> bool:
    size = len(phrase)
    return any(tuple(text[start : start + size]) == tuple(phrase) for start in range(len(text) - size + 1))


def kinds_named(text: str) -> dict[str, float]:
    "The kinds that a name or description speaks of; the longer the phrase against the text, the surer (0 to 1)."
    tokens = [word.removesuffix("s") if len(word) > 4 else word for word in words(_CAMEL.sub(" ", text))]
    found: dict[str, float] = {}
    for kind in KINDS:
        for phrase in _phrases(kind)[0]:
            stems = tuple(word.removesuffix("s") if len(word) > 4 else word for word in phrase)
            if _within(stems, tokens):
                found[kind] = max(found.get(kind, 0.0), len(stems) / len(tokens))
    return found


def kinds_shown(pages: Sequence[Page]) -> dict[str, float]:
    """How strongly the document shows itself to be of each kind: by its headings first, then by its words."""
    if not pages:
        return {}
    text = words("\n".join(page.text for page in pages[:3]))
    joined = " ".join(text)
    scores = dict.fromkeys(KINDS, 0.0)
    for kind in KINDS:
        cues = _phrases(kind)[1]
        hits = sum(f" {' '.join(cue)} " in f" {joined} " for cue in cues)
        scores[kind] = min(hits / 6.0, 1.2)
    for kind, parent in PARENTS.items():
        scores[kind] = max(scores[kind], 0.8 * scores[parent])
    for kind, score in _headings(pages[0]).items():
        scores[kind] += score
    if is_receipt(pages):
        scores["receipt"] = max(scores["receipt"], scores["invoice"]) + 0.5
    scores["form"] += _blanks_to_fill(pages[0]) * (1.0 if max(scores["invoice"], scores["receipt"]) < 0.7 else 0.2)
    return scores


def _blanks_to_fill(page: Page) -> float:
    """How much a page looks like labels with room behind them, which is what makes a form (0 to 0.8)."""
    lines = [line.text.strip() for line in page.lines]
    short = [line for line in lines if len(line.split()) <= 8]
    asked = sum(bool(re.search(r":\s*$|^[^:]{2,30}:\s\S|_{3,}|\.{5,}|[☐□☑☒]|\[ ?\]", line)) for line in short)
    return min(0.8, 2.0 * asked / len(lines)) if len(lines) >= 8 else 0.0


def is_receipt(pages: Sequence[Page]) -> bool:
    """Whether this is a till receipt, even one that is headed 'tax invoice': it speaks of cash and change."""
    if not pages or len(pages) > 2:
        return False
    text = f" {' '.join(words(pages[0].text))} "
    cues = {kind: sum(f" {' '.join(cue)} " in text for cue in _phrases(kind)[1]) for kind in ("receipt", "invoice")}
    headings = _headings(pages[0])
    narrow = pages[0].width < 0.62 * pages[0].height
    printed = pages[0].source is Source.TEXT and not narrow
    receipt = cues["receipt"] / 6 * (1.5 if narrow else 0.9 if printed else 1.0) + headings.get("receipt", 0.0)
    invoice = cues["invoice"] / 6 + headings.get("invoice", 0.0) * (0.6 if printed else 0.2)
    enough = 3 if cues["invoice"] or len(pages[0].lines) > 60 else 1
    return cues["receipt"] >= enough and receipt > invoice


def _headings(page: Page) -> dict[str, float]:
    """Kinds named by short lines of the first page: bigger letters and a higher place count more."""
    if not page.lines:
        return {}
    heights = sorted(line.box.height for line in page.lines)
    usual = heights[len(heights) // 2] or 0.01
    found: dict[str, float] = {}
    for order, line in enumerate(page.lines):
        tokens = words(line.text)
        if not tokens or len(tokens) > 9:
            continue
        weight = _heading_weight(line, usual, order)
        for kind, clarity in _named_by_line(tokens, capitals=line.text.isupper()).items():
            found[kind] = max(found.get(kind, 0.0), weight * clarity)
    return found


def _named_by_line(tokens: list[str], *, capitals: bool) -> dict[str, float]:
    """The kinds that a line names as a heading would, with how clearly; longer names are clearer."""
    found: dict[str, float] = {}
    for kind in KINDS:
        for phrase in _phrases(kind)[0]:
            size = len(phrase)
            if tuple(tokens[:size]) == phrase or (size > 1 and _within(phrase, tokens)):
                clarity = _shortness(tokens, size)
            elif capitals and tuple(tokens[-size:]) == phrase:
                clarity = 0.7
            else:
                continue
            found[kind] = max(found.get(kind, 0.0), clarity * (1.0 + 0.3 * (size - 1)))
    return found


def _shortness(tokens: list[str], size: int) -> float:
    "A heading is its name alone or with a number behind; with other words it is likely to be a label."
    behind = tokens[size:]
    if (
        not behind
        or any(char.isdigit() for word in behind[:2] for char in word)
        or behind[0] in ("n", "no", "nr", "vom", "du")
    ):
        return 1.0
    return 0.45


def _heading_weight(line: Line, usual: float, order: int) -> float:
    size = min(line.box.height / usual, 2.5)
    place = 1.0 if line.box.y0 < 0.35 else 0.6 if line.box.y0 < 0.6 else 0.3
    capitals = 0.2 if line.text.isupper() else 0.0
    return place * (0.35 + 0.45 * size + capitals) * (1.1 if order < 6 else 1.0)
