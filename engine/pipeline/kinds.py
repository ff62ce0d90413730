"""Kinds of documents: what they are, what they are called, and the words that they use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`gist` says what it is, `names` are what people call it (a category, a heading), `cues` are words that it uses,
    commonly several."""

    gist: str
    names: str
    cues: str = ""


KINDS: dict[str, Kind] = {
    "invoice": Kind(
        "Invoice: a seller asks a customer to pay for goods or services, with number, date, tax and terms of payment",
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
        "Credit note: a supplier gives back or cancels all or part of what an invoice charged",
        """credit note; credit memo; avoir; facture d'avoir; note de credit; gutschrift; rechnungskorrektur;
            stornorechnung; creditnota; creditfactuur; storno; kreditnota; refund""",
        "facture liee; original invoice; credited; remboursement; refund; avoir suite; erstattung; facture d'origine",
    ),
    "self_billed_invoice": Kind(
        "Self-billed invoice: the customer writes the invoice in the name of the supplier",
        """self billed invoice; self billing; selbst ausgestellte rechnung; autofacturation; autofacture;
            gutschriftsverfahren""",
    ),
    "corrected_invoice": Kind(
        "Corrected invoice that replaces an earlier one",
        """corrected invoice; facture rectificative; korrekturrechnung; rechnungskorrektur;
        correctiefactuur""",
    ),
    "prepayment_invoice": Kind(
        "Prepayment invoice: a deposit or down payment asked for in advance",
        """prepayment invoice; facture d'acompte; anzahlungsrechnung; vorauszahlungsrechnung; voorschotfactuur;
            abschlagsrechnung""",
    ),
    "partial_invoice": Kind(
        "Partial invoice for the progress of work done so far",
        "partial invoice; facture partielle; teilrechnung; facture de situation; deelfactuur",
    ),
    "proforma": Kind(
        "Pro forma invoice before the sale",
        "proforma; pro forma; proforma invoice; facture proforma; proforma rechnung; pro forma factuur",
    ),
    "receipt": Kind(
        "Receipt: a slip from the till of a shop, restaurant or petrol station that shows what was bought and paid",
        """receipt; sales receipt; till receipt; cash receipt; recu; ticket de caisse; ticket; kassenbon;
            kassenzettel; quittung; beleg; bon; kassabon; expense receipt; cash bill; cash sale; addition; note de
            restaurant; meal receipt; fuel receipt; till slip""",
        """change; cash; cashier; thank you; please come again; total; qty; subtotal; gst; visa; mastercard; card;
            tip; server; table; guest; merci de votre visite; especes; rendu; caisse; cb; vielen dank; bar;
            ruckgeld; kasse; terminal; approved; auth code; goods sold are not returnable; round adj; rounding;
            tendered; merchant; transaction; pump; litre; tax invoice; opnieuw; bedankt; kassier; pin; amount rm""",
    ),
    "quote": Kind(
        "Quotation: an offer of goods or services at a price, valid for some time",
        """quote; quotation; estimate; devis; angebot; kostenvoranschlag; offerte; proposition commerciale; price
            offer; offer; proposal; prijsopgave""",
        """valid until; validite; bon pour accord; gultig bis; angebotsnummer; devis n; quote number; offertenummer;
            geldig tot""",
    ),
    "purchase_order": Kind(
        "Purchase order: a customer orders goods from a supplier",
        "purchase order; bon de commande; bestellung; inkooporder; order form; commande; bestelbon; order; auftrag",
        """ship to; vendor; order number; bestellnummer; numero de commande; lieferadresse; delivery date; po
            number; ordered""",
    ),
    "order_confirmation": Kind(
        "Order confirmation: a supplier confirms what was ordered",
        "order confirmation; confirmation de commande; auftragsbestatigung; orderbevestiging",
    ),
    "delivery_note": Kind(
        "Delivery note: the goods that are shipped and handed over",
        """delivery note; packing slip; packing list; bon de livraison; lieferschein; pakbon; leverbon; bill of
            lading; cmr""",
        "delivered; shipped; livraison; geliefert; received by; quantity shipped; colis; gewicht; weight; empfangen",
    ),
    "reminder": Kind(
        "Payment reminder: an overdue amount is demanded again",
        """reminder; payment reminder; dunning; relance; rappel; mise en demeure; mahnung; zahlungserinnerung;
            aanmaning; herinnering""",
        "overdue; outstanding; impaye; retard de paiement; uberfallig; mahngebuhr; past due",
    ),
    "payslip": Kind(
        "Payslip: salary or wages of an employee with gross pay, deductions and net pay",
        """payslip; pay slip; pay stub; paystub; salary slip; wage slip; bulletin de paie; bulletin de salaire;
            fiche de paie; gehaltsabrechnung; lohnabrechnung; entgeltabrechnung; loonstrook; salarisstrook;
            verdienstabrechnung; payroll""",
        """gross pay; net pay; earnings; deductions; salaire brut; net a payer; cotisations; employeur; salarie;
            brutto; steuerklasse; sozialversicherung; employee; ytd; pay period; conges; urssaf; lohnsteuer; salaire
            de base; net imposable""",
    ),
    "bank_statement": Kind(
        "Bank statement: transactions and balance of a bank account or credit card",
        """bank statement; account statement; statement of account; releve de compte; releve bancaire; releve;
            kontoauszug; bankafschrift; rekeningafschrift; rekeningoverzicht; extrait de compte; credit card
            statement""",
        """opening balance; closing balance; account number; withdrawals; deposits; transactions; solde; debit;
            credit; kontostand; buchungstag; valuta; saldo; ancien solde; nouveau solde; date valeur; statement
            period; available balance; beginning balance; ending balance; account summary; checks""",
    ),
    "bank_details": Kind(
        "Bank details: IBAN and BIC of an account holder",
        "bank details; rib; releve d'identite bancaire; bankverbindung; iban certificate; bankgegevens",
        "code banque; code guichet; cle rib; domiciliation; titulaire du compte; bic; iban",
    ),
    "cheque": Kind(
        "Cheque: a written order to a bank to pay an amount to somebody",
        "cheque; check; bank cheque; scheck",
        "pay to the order of; payez contre ce cheque; memo; dollars",
    ),
    "contract": Kind(
        "Contract: an agreement between parties with clauses, duties, duration and signatures",
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
        "Identity card: official proof of the identity of a person",
        """identity card; id card; national id; identity document; id; carte d'identite; carte nationale d'identite;
            cni; personalausweis; ausweis; identiteitskaart; identity; piece d'identite; proof of identity""",
        """nationality; date of birth; sex; nom; prenom; nationalite; ne le; geburtstag; geboren;
            staatsangehorigkeit; surname; given names; carte nationale d'identite; republique francaise; idfra;
            bundesrepublik deutschland; personalausweis; valable jusqu'au; taille; titre de sejour""",
    ),
    "passport": Kind(
        "Passport: travel document of a citizen",
        "passport; passeport; reisepass; paspoort",
        """passport no; nationality; place of birth; authority; passeport; reisepass; p<; type type; given names;
            surname""",
    ),
    "driver_license": Kind(
        "Driving licence: allows a person to drive vehicles of some classes",
        """driver license; drivers license; driver s license; driving licence; driving license; driver s licence;
            permis de conduire; fuhrerschein; rijbewijs; drivers licence; dl; licence""",
        """class; dob; restrictions; endorsements; permis de conduire; fuhrerschein; driver; license; donor; hgt;
            wgt; eyes; sex; exp; iss; dl; driving licence; vehicle""",
    ),
    "residence_permit": Kind(
        "Residence permit or visa of a foreigner",
        """residence permit; titre de sejour; aufenthaltstitel; verblijfsvergunning; carte de
        sejour; visa""",
    ),
    "health_insurance_card": Kind(
        "Health insurance card: shows that a patient is insured, with member number",
        """health insurance card; insurance card; carte vitale; carte mutuelle; versichertenkarte; gesundheitskarte;
            medical card; european health insurance card; krankenversicherungskarte; zorgpas; carte de tiers payant;
            ehic; health card""",
        """member id; group; rx; copay; plan; subscriber; rxbin; pcn; deductible; dependents; member name;
            insurance; vitale; specialist; emergency; ppo; hmo; payer id; coverage; group number; rxgrp; office
            visit; health""",
    ),
    "vehicle_registration": Kind(
        "Vehicle registration certificate with plate number and owner of a car",
        """vehicle registration; carte grise; certificat d'immatriculation; zulassungsbescheinigung; fahrzeugschein;
            kentekenbewijs""",
        """immatriculation; kennzeichen; fahrgestellnummer; vin; chassis; kenteken; zulassung; certificat
            d'immatriculation""",
    ),
    "resume": Kind(
        "Résumé, curriculum vitae: work experience, education and skills of a job applicant",
        """resume; cv; curriculum vitae; lebenslauf; candidate profile; bewerbung; candidature; curriculum; job
            application""",
        """experience; education; skills; languages; competences; formation; experience professionnelle; diplome;
            berufserfahrung; ausbildung; kenntnisse; sprachen; werkervaring; opleiding; vaardigheden; references;
            hobbies; bachelor; master; university; linkedin; interests; loisirs; centres d'interet; work experience;
            objective; profile; career; degree""",
    ),
    "utility_bill": Kind(
        "Utility bill: electricity, gas, water, telephone or internet for a home, with consumption and meter",
        """utility bill; electricity bill; gas bill; water bill; phone bill; energy bill; facture d'electricite;
            facture d'energie; facture d'eau; facture de gaz; facture de telephone; stromrechnung; gasrechnung;
            energierechnung; wasserrechnung; energierekening; proof of address; justificatif de domicile; telecom
            bill; internet bill; facture edf""",
        """kwh; meter; meter reading; electricity; gas; water; consumption; usage; compteur; consommation;
            abonnement; releve; zahlerstand; verbrauch; strom; energie; meterstand; elektriciteit; kilowatt; service
            address; billing period; tarif; supply; delivery charges; m3; therms; account number; edf; engie""",
    ),
    "tax_form": Kind(
        "Tax form: declaration, return or assessment for the tax authority",
        """tax form; tax return; w 9; w9; w 2; w2; 1099; w 8ben; declaration fiscale; avis d'imposition;
            steuerbescheid; steuererklarung; tax notice; belastingaangifte; declaration de revenus; impot""",
        """internal revenue service; department of the treasury; omb no; taxpayer; form 1099; irs; withholding;
            impot; revenu fiscal; finanzamt; einkommensteuer; belastingdienst; payer s; recipient s""",
    ),
    "form": Kind(
        "Form: a printed sheet with labelled fields, lines and check boxes that somebody fills in",
        """form; application form; questionnaire; formulaire; formular; antrag; fragebogen; formulier; application;
            aanvraag; registration form; claim form; demande; declaration; fiche; survey; cerfa; request form;
            filled form""",
        """please print; please complete; check one; check box; tick; for office use only; signature; date; name;
            address; form; omb no; cocher; a remplir; bitte ausfullen; ankreuzen; unterschrift; invullen; telephone;
            fax; city state zip; yes no; section; title; applicant; approved by; print or type; form no; submitted
            by; department; instructions""",
    ),
    "letter": Kind(
        "Letter: correspondence written to somebody, with salutation and greeting",
        """letter; correspondence; courrier; lettre; brief; schreiben; anschreiben; mail; memo; memorandum; note;
            cover letter""",
        """dear; sincerely; regards; madame; monsieur; cordialement; sehr geehrte; mit freundlichen grussen;
            geachte; yours; objet""",
    ),
    "business_card": Kind(
        "Business card: name, job title, company, phone and e-mail of a contact person",
        "business card; carte de visite; visitenkarte; visitekaartje; contact card",
        "www; email; phone; mobile; fax; ceo; founder; manager; director; tel; @",
    ),
    "report": Kind(
        "Report, article or manual: running text in chapters with headings and figures",
        """report; study; article; paper; rapport; bericht; publication; research paper; verslag; white paper;
            manual; handbook; scientific article; documentation; book; guide; text; etude""",
        """abstract; introduction; conclusion; references; chapter; figure; table of contents; section; resume;
            zusammenfassung""",
    ),
    "certificate": Kind(
        "Certificate: an authority or school confirms a fact about a person",
        """certificate; attestation; certificat; bescheinigung; zertifikat; urkunde; certificaat; diploma; diplome;
            zeugnis; birth certificate; acte de naissance; geburtsurkunde""",
        "hereby certify; certify that; atteste; certifie; bescheinigt; hiermit; soussigne; awarded; delivre",
    ),
    "insurance": Kind(
        "Insurance policy: what is covered, premium and insured person",
        """insurance policy; insurance; assurance; police d'assurance; versicherung; versicherungspolice;
            versicherungsschein; attestation d'assurance; verzekering; polis; insurance certificate""",
        """policy number; insured; premium; coverage; assure; prime; garantie; versicherungsnehmer; deckung;
            sinistre; polisnummer""",
    ),
    "prescription": Kind(
        "Medical prescription: a doctor orders medicine for a patient",
        """prescription; medical prescription; ordonnance; rezept; recept; medical report; compte rendu medical;
            arztbrief""",
        "mg; tablet; dose; patient; dr; doctor; medecin; posologie; comprime; arzt; medication; pharmacy",
    ),
    "timesheet": Kind(
        "Timesheet: hours worked by day",
        """timesheet; time sheet; feuille de temps; stundenzettel; urenstaat; feuille d'heures; releve d'heures;
            zeiterfassung""",
        "hours; monday; tuesday; total hours; heures; stunden; uren; lundi; montag",
    ),
    "expense_report": Kind(
        "Expense report: an employee claims travel and other costs back",
        """expense report; expense claim; note de frais; spesenabrechnung; reisekostenabrechnung; onkostennota;
            declaratie""",
        "reimbursement; per diem; mileage; remboursement; reisekosten; kilometer; employee",
    ),
    "ticket": Kind(
        "Travel ticket or boarding pass for a train or flight",
        """travel ticket; train ticket; boarding pass; flight ticket; billet; fahrkarte; carte d'embarquement;
            bordkarte; eticket""",
        "flight; seat; gate; boarding; passenger; departure; arrival; vol; siege; gare; gleis; sitzplatz; train; pnr",
    ),
}
"Kinds by an inner name; none of the names leaves the engine."


PARENTS = dict.fromkeys(
    ("credit_note", "self_billed_invoice", "corrected_invoice", "prepayment_invoice", "partial_invoice", "proforma"),
    "invoice",
)
"""Kinds that use the words of another one and differ by their heading."""

BROADER = PARENTS | {
    "tax_form": "form",
    "passport": "identity_card",
    "residence_permit": "identity_card",
    "driver_license": "identity_card",
}
"""Where a special kind belongs if nobody asks for it."""
