"""What things are called on business documents, in English, French, German and Dutch.

One phrase a semicolon. A phrase is matched as words (case, accents, plural and small words such as 'de' or 'of' do
not matter, 'n°', 'Nr.' and '#' are the same word). A tilde marks a phrase too common to be trusted alone.
"""

LABELS: dict[str, str] = {
    "invoice_number": """invoice number; invoice nr; number of invoice; invoice id; invoice ref; invoice reference;
        bill number; bill nr; inv nr; inv; document number; document nr; credit note number; credit note nr; facture
        nr; nr facture; numero de la facture; ref facture; reference facture; reference de la facture; nr document;
        nr piece; avoir nr; nr avoir; rechnungsnummer; rechnungsnr; rechnungs nr; rechnung nr; nummer der rechnung;
        belegnummer; belegnr; beleg nr; handelsrechnung nr; gutschrift nr; gutschriftsnummer; gutschriftnummer;
        factuurnummer; factuurnr; factuur nr; creditnota nr; creditnummer; receipt number; receipt nr; recu nr;
        ticket nr; cash bill nr; cash sales nr; bonnummer; quittungsnummer; quittung nr; tax invoice nr; facture
        avoir nr; ~invoice; ~tax invoice; ~facture; ~avoir; ~rechnung; ~handelsrechnung; ~gutschrift; ~factuur;
        ~creditnota; ~credit note; ~receipt; ~nr; ~document; ~bill""",
    "related_invoice": """facture liee; facture d'origine; original invoice; related invoice; credited invoice;
        ursprungsrechnung; bezug rechnung; zu rechnung nr; facture de reference; oorspronkelijke factuur""",
    "issue_date": """invoice date; date of invoice; date invoice; date facture; date de la facture; date
        facturation; date d'emission; emise le; emis le; etabli le; facture du; rechnungsdatum; belegdatum; rechnung
        vom; datum der rechnung; factuurdatum; date of issue; issue date; issued on; issued at; date issued; bill
        date; billing date; document date; tax date; ausstellungsdatum; ausgestellt am; date du document; credit
        note date; date avoir; gutschriftdatum; receipt date; purchase date; date of purchase; transaction date;
        date d'achat; kaufdatum; date de vente; aankoopdatum; statement date; date du releve; datum factuur; date de
        creation; uitgiftedatum; invoicing date; posting date; ~date; ~datum; ~dated; ~date time; ~date heure""",
    "due_date": """due date; date due; payment due; payment due date; due by; due on; pay by; payable by; please pay
        by; payment deadline; date d'echeance; echeance; echeance le; date limite de paiement; a payer avant le;
        payable avant le; date de reglement; a regler avant le; date paiement; zahlbar bis; zahlungsziel; fallig;
        fallig am; falligkeit; falligkeitsdatum; falligkeitstermin; zahlungsfrist; zahlung bis; netto bis;
        vervaldatum; vervaldag; betaaldatum; uiterste betaaldatum; te betalen voor; remit until; remit by;
        uberweisen sie bis; payment date; bis zum; zu zahlen bis; betalen voor; echeance de paiement; ~due; ~payable
        le; ~payable""",
    "delivery_date": """delivery date; date of delivery; date of supply; supply date; service date; date of service;
        date livraison; date de prestation; date d'execution; livre le; date d'expedition; lieferdatum;
        leistungsdatum; liefer und leistungsdatum; lieferzeitpunkt; leistungszeitpunkt; liefertermin; versanddatum;
        leverdatum; leveringsdatum; leverings datum; ship date; shipping date; shipped on; datum der leistung; tag
        der leistung; tax point; date de realisation; delivered on; geliefert am; ~livraison le""",
    "period": """billing period; service period; period; invoice period; periode; periode de facturation;
        abrechnungszeitraum; leistungszeitraum; factuurperiode; statement period; periode du releve; zeitraum; for
        the period; periode van""",
    "order_date": "order date; date de commande; date of order; bestelldatum; auftragsdatum; orderdatum; besteldatum",
    "order_number": """order number; order nr; purchase order; purchase order number; purchase order nr; po number;
        po nr; p o nr; your order; your order nr; order ref; order reference; customer order; order id; commande nr;
        nr commande; bon de commande; nr bon de commande; bon de commande nr; reference commande; ref commande;
        votre commande; numero de la commande; commande client; bestellnummer; bestellnr; bestell nr; bestellung;
        bestellung nr; auftragsnummer; auftragsnr; auftrags nr; auftrag nr; ihre bestellung; ordernummer;
        bestelnummer; bestelbon; ordernr; bestelling; engagement nr; nr engagement; your po; ~order; ~po; ~commande;
        ~auftrag; ~votre reference; ~your reference; ~your ref; ~votre ref""",
    "buyer_reference": """your reference; your ref; votre reference; votre ref; vos references; ihr zeichen; ihre
        referenz; ihre kundenreferenz; uw referentie; uw kenmerk; buyer reference; customer reference; client
        reference; customer ref; reference client; reference acheteur; ref client; kundenreferenz; referenz des
        kaufers; leitweg id; code service; service executant; reference of the buyer; ~your order; ~ihre bestellung;
        ~ihre nr; ~reference; ~referenz""",
    "payment_reference": """payment reference; reference de paiement; verwendungszweck; betalingskenmerk;
        communication structuree; gestructureerde mededeling; zahlungsreferenz; referenz bitte bei zahlung angeben""",
    "contract_number": """contract number; contract nr; contract; contract id; contrat; contrat nr; nr contrat; ref
        contrat; reference contrat; ref marche; marche nr; nr marche; reference marche; vertragsnummer; vertragsnr;
        vertrag nr; vertrag; contractnummer; contract reference; policy number; policy nr; police nr; nr police; nr
        de police; versicherungsschein nr; polisnummer""",
    "customer_number": """customer number; customer nr; customer id; customer account; client nr; nr client; code
        client; compte client; client id; identifiant client; kundennummer; kundennr; kunden nr; klantnummer;
        klantnr; klant nr; debiteurennummer; account number; account nr; kunden id; reference client; ref client;
        ihre nr; ~customer; ~client; ~kunde; ~klant""",
    "delivery_note": """delivery note; delivery note nr; bon de livraison; bon de livraison nr; bl nr; lieferschein;
        lieferschein nr; lieferscheinnummer; pakbon; pakbonnummer; leverbon; packing slip""",
    "vat_id": """vat nr; vat number; vat id; vat id nr; vat reg nr; vat registration nr; vat identification nr; tva
        intracommunautaire; tva intracom; nr tva; nr tva intracommunautaire; nr tva intracom; tva nr; id tva;
        identifiant tva; code tva; tva intra; tva fr; ust id; ust id nr; ust idnr; ust identnr; ustid; ustidnr; ust
        ident nr; umsatzsteuer id; umsatzsteuer identifikationsnummer; umsatzsteueridentifikationsnummer;
        umsatzsteuer idnr; uid; uid nr; uid nummer; mwst nr; mwst id; btw nr; btwnr; btw nummer; btw id; btw
        identificatienummer; partita iva; p iva; nif; cif; nr de tva; nr tva client; customer vat id; customer vat
        nr; ust id kunde; ust idnr kunde; nr tva du client; ihre ust idnr; ihre ust identnr; vat; ~tva; ~btw; ~ust;
        ~mwst""",
    "tax_number": """steuernummer; steuernr; steuer nr; st nr; tax number; tax nr; tax id; tax id nr; tax reg nr;
        fiscal nr; fiscal code; nr fiscal; numero fiscal; code fiscal; identifiant fiscal; gst reg nr; gst nr; gst
        id; gst id nr; gst reg; gst registration nr; gst; ein; tin; fiscaal nummer; national tax number""",
    "legal_id": """siret; siren; nr siret; nr siren; siret nr; rcs; rcs nr; hrb; hra; handelsregister;
        handelsregisternummer; handelsregister nr; handelsreg; registernummer; amtsgericht; company nr; company
        number; company reg nr; company registration; company registration nr; registered number; registration
        number; registration nr; reg nr; registered in england nr; registered nr; co nr; co reg nr; kvk; kvk nr; kvk
        nummer; ondernemingsnummer; ondernemingsnr; numero d'entreprise; nr entreprise; gln; globale nr; bce;
        firmenbuchnummer; firmenbuch; legal registration nr; legal id; trade register; roc nr; registre de commerce;
        crn""",
    "iban": "iban; iban nr; verkaufer iban; iban code; compte iban; bank account iban; code iban",
    "bic": "bic; swift; bic swift; swift bic; swift code; bic code; code bic; code swift; bic nr; bank code",
    "bank_name": """bank; bank name; name of bank; banque; bankname; domiciliation; kreditinstitut; naam bank; nom
        de la banque""",
    "account_holder": """account holder; account name; beneficiary; titulaire; titulaire du compte; kontoinhaber;
        beneficiaire; rekeninghouder; begunstigde; inhaber""",
    "account_number": """account number; account nr; bank account; bank account nr; kontonummer; kontonr; konto nr;
        konto; nr de compte; compte nr; compte bancaire; rekeningnummer; rekening nr; a c nr; acc nr""",
    "currency": """currency; currency code; devise; wahrung; valuta; munt; betrage in; amounts in; montants en; code
        devise; monnaie; iso 4217 currency code; iso currency code; bedragen in""",
    "phone": """phone; phone nr; tel; tel nr; telephone; telephone nr; telefon; telefonnummer; telefoon;
        telefoonnummer; mobile; fon; handy; tel fax; hotline; mobiel; portable; rufnummer""",
    "fax": "fax; fax nr; telefax; telecopie; faxnummer",
    "email": """email; e mail; mail; courriel; email address; e mail adresse; adresse email; adresse e mail;
        mailadresse""",
    "website": "website; web; site web; internet; url; homepage; webseite; web site; www; site internet",
    "contact": """contact; contact person; contact name; ansprechpartner; ansprechpartnerin; contactpersoon;
        interlocuteur; personne de contact; sachbearbeiter; attn; attention; kind attention; votre contact; your
        contact; contact commercial; sales contact; bearbeiter; served by""",
    "line_total": """subtotal; sub total; sous total; zwischensumme; positionssumme; summe positionen; summe der
        positionen; subtotaal; line total; total lines; total lignes; total des lignes; items total; goods total;
        total marchandises; sum of lines; sum of line amounts; sum of the net line amounts; total brut ht;
        warenwert; total articles ht; artikelsumme; merchandise total; product total""",
    "allowance_total": """discount; total discount; discounts; total discounts; remise; total remise; remise
        globale; rabatt; abzgl rabatt; gesamtbetrag der abschlage; abschlage; sondernachlass; nachlass; korting;
        totale korting; allowance; allowance total; total allowance; ristourne; rabais; less discount; savings;
        coupon discount; total of discounts; abzgl sondernachlass; gesamtrabatt; montant remise; discount amount;
        remise ht""",
    "charge_total": """shipping; shipping cost; shipping charge; shipping and handling; shipping fee; freight;
        delivery charge; delivery cost; delivery fee; carriage; postage; frais de port; port; frais de livraison;
        frais d'expedition; frais de transport; transport; versandkosten; versand; zzgl versandkosten; porto;
        fracht; frachtkosten; lieferkosten; gesamtbetrag der zuschlage; zuschlage; verzendkosten; charge total;
        total charge; surcharge; total of charges; verpackungskosten; frais annexes; port et emballage; p p; service
        charge""",
    "total_without_vat": """total ht; montant ht; total hors taxe; montant hors taxe; total net ht; net ht; montant
        total ht; total hors tva; base ht; net total; total net; net amount; net amount total; total excluding vat;
        total excl vat; total excl tax; total ex vat; total excluding tax; total before tax; amount excl vat;
        subtotal excl vat; amount before tax; taxable amount; total taxable amount; nettobetrag; summe netto; netto;
        nettosumme; gesamt netto; netto gesamt; gesamtbetrag netto; rechnungssumme netto; rechnungssumme netto excl
        ust; rechnungssumme ohne ust; rechnungssumme netto exkl ust; nettogesamtbetrag; nettogesamt; zwischensumme
        netto; warenwert netto; gesamt ohne mwst; summe ohne mwst; exclusief btw; excl btw; totaal excl btw; totaal
        exclusief btw; bedrag excl btw; subtotaal excl btw; total without vat; total without tax; net total amount;
        montant total net; total net amount; montant net ht; net invoice amount; netto rechnungsbetrag; netto
        betrag; gesamtnettobetrag; amount without tax; amount excluding tax; montant net; gesamtbetrag ohne mwst;
        summe exkl mwst; total exkl mwst; total excl gst; total ht net; sous total ht; subtotal net; amount net; net
        value; total amount excl vat; amount without vat; total hors taxes net; netto totaal; totaal netto; netto
        bedrag; maatstaf; sub total excluding gst; total sales excluding gst; total sales exclusive gst; total
        excluding gst; total excl of gst; ~subtotal; ~sub total; ~sous total; ~zwischensumme; ~subtotaal; ~net; ~ht;
        ~tax base""",
    "total_vat": """total tva; montant tva; montant de la tva; total de la tva; tva; total taxe; taxe; taxe sur la
        valeur ajoutee; dont tva; montant taxe; vat; total vat; vat amount; vat total; value added tax; plus vat;
        tax; sales tax; total tax; tax amount; tax total; gst; gst amount; total gst; gst payable; add gst; mwst;
        ust; mehrwertsteuer; umsatzsteuer; summe umsatzsteuer; zzgl umsatzsteuer; zuzugl ust; zuzuglich
        umsatzsteuer; zuzuglich mwst; zzgl mwst; zzgl ust; mwst betrag; ust betrag; mehrwertsteuerbetrag;
        umsatzsteuerbetrag; steuerbetrag; ust gesamt; summe ust; summe mwst; gesamt ust; gesamt mwst; steuer;
        steuern; steuersumme; btw; btw bedrag; totaal btw; btw totaal; enthaltene mwst; inkl mwst; incl vat amount;
        total vat amount; amount of vat; tva due; service tax""",
    "total_with_vat": """total ttc; montant ttc; montant total ttc; net ttc; total toutes taxes comprises; total tva
        comprise; total tvac; total incl vat; total including vat; total including tax; total incl tax; total inc
        vat; total inc tax; grand total; gross total; total gross; gross amount; gross total amount; total amount;
        amount total; total invoice; invoice total; invoice amount; total invoice amount; total for this invoice;
        invoice value; bruttobetrag; bruttosumme; summe brutto; gesamt brutto; gesamtbetrag; gesamtbetrag brutto;
        gesamtsumme; endbetrag; endsumme; rechnungsbetrag; rechnungssumme; rechnungssumme brutto; rechnungssumme
        brutto inkl ust; summe inkl ust; summe inkl mwst; gesamt inkl mwst; gesamtbetrag inkl mwst; gesamtbetrag
        inkl ust; total inkl mwst; brutto; rechnungsendbetrag; gesamtpreis; rechnungsbetrag brutto; totaal; totaal
        incl btw; totaalbedrag; totaal inclusief btw; factuurbedrag; factuurtotaal; eindtotaal; eindbedrag; total
        facture; montant total brut; montant total; montant facture; montant de la facture; total general; total
        with vat; total with tax; total sales; total sales incl gst; total sales inclusive gst; total incl gst;
        total incl of gst; total inclusive gst; total including gst; total amount incl gst; total rounded; rounded
        total; total after rounding; total payable; total amount payable; total rm; total eur; total amount paid;
        bill total; order total; net total incl gst; nett total; total nett; total with gst; amount incl gst; amount
        including gst; total in gst; total sales rm; nett amount; total gst inclusive; total amt; total amount rm;
        total price; total bill; total inc gst; total rounded rm; amount including tax; amount incl vat; amount with
        vat; zu bezahlen; total amount with vat; total tvac eur; total brut; ~total; ~summe; ~gesamt; ~montant;
        ~amount; ~inclusief btw; ~ttc; ~amount paid; ~total paid; ~total due; ~amount due; ~net a payer; ~total a
        payer; ~zahlbetrag; ~nett""",
    "prepaid_amount": """paid; amount paid; already paid; prepaid; prepaid amount; amount prepaid; amount already
        paid; deposit; advance; advance payment; down payment; prepayment; acompte; acompte verse; acompte recu;
        deja paye; deja regle; montant paye; montant deja paye; montant regle; paye; regle; bereits bezahlt; bereits
        gezahlt; anzahlung; erhaltene anzahlung; geleistete anzahlung; abzgl anzahlung; reeds betaald; aanbetaling;
        voorschot; betaald; less deposit; payments received; payment received; bezahlt; total paid; paid to date;
        provision; avance""",
    "amount_due": """amount due; balance due; total due; amount payable; total amount due; due payable; net a payer;
        net a payer ttc; solde a payer; reste a payer; montant a payer; total a payer; montant total a payer;
        zahlbetrag; zu zahlen; zu zahlender betrag; offener betrag; falliger betrag; restbetrag; noch zu zahlen;
        gesamt zu zahlen; zahlungsbetrag; offener restbetrag; te betalen; openstaand bedrag; te voldoen; nog te
        betalen; totaal te betalen; te betalen bedrag; residual; amount outstanding; outstanding; to pay; total to
        pay; balance; please pay; you pay; amount to pay; remaining amount; outstanding balance; balance payable;
        uberweisungsbetrag; zu uberweisen; ~solde; ~saldo; ~total payable""",
    "rounding": """rounding; rounding adjustment; rounding adj; round adj; arrondi; rundung; afronding; rounding
        amount; rnd adj; bill rounding; rounding off""",
    "cash": """amount paid; cash; paid; total paid; cash received; cash tendered; tendered; amount tendered; paid
        amount; especes; bar; bargeld; contant; tunai; cash payment; payment; visa; mastercard; credit card; card
        payment; gegeben; received; cheque""",
    "change": """change; change cash; change due; rendu; a rendre; ruckgeld; wechselgeld; wisselgeld; balance
        change; cash change""",
    "count": """total item; total qty; total quantity; item count; nr of item; qty total; total nr item; nombre
        d'articles; item sold; total nr of item; anzahl artikel; aantal artikelen; number of items; total saving;
        total discount given; total page; points; total point""",
    "vat_rate": """vat rate; rate of vat; taux tva; taux de tva; taux; mwst satz; ust satz; steuersatz; btw tarief;
        tax rate; btw percentage; vat percent; tva %; ust %; mwst %; vat %; btw %; rate of tax""",
    "tip": "tip; gratuity; pourboire; trinkgeld; fooi",
    "payment_terms": """payment terms; terms of payment; payment conditions; terms; conditions de paiement;
        conditions de reglement; modalites de paiement; zahlungsbedingungen; zahlungsbedingung; zahlungskonditionen;
        betalingsvoorwaarden; betalingsconditie; betalingstermijn; delai de paiement; payment term; credit term""",
    "payment_method": """payment method; method of payment; payment mode; mode of payment; paid by; payment type;
        pay by; mode de paiement; mode de reglement; moyen de paiement; moyen de reglement; zahlungsart;
        zahlungsmethode; zahlungsweise; zahlart; betaalwijze; betaalmethode; betalingswijze; payment means; means of
        payment""",
    "subject": "subject; objet; betreff; betrifft; onderwerp; regarding; concerne; betreft; gegenstand; ~re",
    "first_name": "first name; given name; forename; prenom; vorname; voornaam; christian name; eerste naam",
    "last_name": """last name; surname; family name; nom de famille; nom; nachname; familienname; achternaam;
        zuname; nom de naissance""",
    "full_name": """full name; name; nom et prenom; nom prenom; vollstandiger name; vor und nachname; naam; person
        name""",
    "birth_date": """date of birth; birth date; birthdate; dob; date de naissance; ne le; nee le; geburtsdatum;
        geboren am; geboortedatum; born; geburtstag; date naissance""",
    "birth_place": "place of birth; birth place; lieu de naissance; geburtsort; geboorteplaats; ne a",
    "nationality": "nationality; nationalite; staatsangehorigkeit; nationaliteit; citizenship; nationalitat",
    "sex": "sex; sexe; gender; geschlecht; geslacht; genre",
    "id_number": """document nr; id number; id nr; card number; card nr; licence nr; license nr; licence number;
        license number; passport nr; passport number; nr passeport; nr carte; numero de document; ausweisnummer;
        ausweis nr; passnummer; driver license number; member id; member nr; identity number; dl nr; dl; dln; numero
        de carte; personal number; id card number; serial number""",
    "expiry_date": """expiry date; expiration date; date of expiry; expires; exp date; exp; valid until; valid to;
        date d'expiration; valable jusqu'au; gultig bis; ablaufdatum; geldig tot; valid thru; date of expiration;
        expires on; fin de validite""",
    "job_title": """job title; position; title; fonction; poste; berufsbezeichnung; funktion; functie; occupation;
        role; profession""",
    "opening_balance": """opening balance; previous balance; beginning balance; starting balance; solde initial;
        solde precedent; ancien solde; alter saldo; anfangssaldo; kontostand alt; vorig saldo; beginsaldo; balance
        brought forward; balance forward; solde anterieur""",
    "closing_balance": """closing balance; ending balance; new balance; final balance; solde final; nouveau solde;
        neuer saldo; endsaldo; kontostand neu; nieuw saldo; eindsaldo; balance carried forward; current balance;
        solde au""",
    "time": "time; heure; uhrzeit; tijd; purchase time; time of purchase; transaction time",
    "document_type": """document type; type of document; kind of document; invoice type; type de document; type
        document; dokumentart; dokumenttyp; belegart; documenttype; soort document; doc type; type de piece; nature
        du document""",
}  # fmt: skip
"""Labels of single values, and at the same time names under which a schema may ask for them."""

COLUMNS: dict[str, str] = {
    "position": "pos; position; lfd nr; line; ligne; nr; item nr; pos nr; zeile; regel; ~item",
    "description": """description; designation; libelle; article; produit; product; service; item; item description;
        intitule; bezeichnung; artikelbezeichnung; beschreibung; artikelbeschreibung; produkt; leistung; artikel;
        omschrijving; detail; particular; prestation; nature; good; dienstleistung; product name; menu; desc;
        product or service name; product description; name; nom; naam; ware; text; leistungsbeschreibung;
        description of goods; item name; designation des produits; description des articles; product service;
        transaction; libelle de l'operation; operation; buchungstext; details; activity; task; position text; label;
        omschrijving artikel; work; description of service; service description; buchung; positionsbeschreibung;
        produktbeschreibung""",
    "article_number": """art nr; artnr; artikelnr; artikelnummer; artikel nr; article nr; item nr; item code; item
        number; sku; product code; product nr; produktnummer; code; code article; code produit; reference; ref; ref
        article; reference article; reference produit; material nr; materialnummer; part nr; part number; ean; gtin;
        art nr lief; article number; artikelcode; unsere art nr; product id; product reference; item id; seller s
        article number; ref produit; bestellnummer; catalog nr; stock code; ean code; product number; art; code art""",
    "quantity": """quantity; qty; qte; quantite; quant; menge; anzahl; aantal; hoeveelheid; nombre; nb; stk; stuck;
        hour; heure; stunde; pcs; piece; qty shipped; quantity ordered; quantite livree; invoiced quantity; hrs;
        uren; day; jour; tage; qty ordered; einheiten; ~amount; ~unit""",
    "unit": """unit; uom; unite; einheit; eenheid; mengeneinheit; meng einheit; unit of measure; unit code; me;
        unite de mesure""",
    "unit_price": """unit price; price; price per unit; unit cost; rate; price each; prix unitaire; prix; pu; pu ht;
        p u; prix u; prix unitaire ht; prix ht unitaire; pu net; einzelpreis; preis; e preis; stuckpreis;
        nettopreis; preis einheit; preis pro einheit; ep; prijs; prijs per stuk; stukprijs; eenheidsprijs; tarief;
        tarif; u price; cost; net unit price; unit price net; unit price excl vat; prix net; price unit; cost per
        unit; unit amount; einzel; einzelpreis netto; hourly rate; taux horaire; stundensatz; unit rate; price per
        item; ht unitaire; pu eur; preis stuck; ep netto; einzelbetrag; prix unit; p unitaire; prix unit ht;
        ~entgelt; ~unit""",
    "net_amount": """amount; total; line total; net amount; total price; montant; montant ht; total ht; prix ht;
        prix total; betrag; gesamtpreis; gesamt; gesamtbetrag; summe; nettobetrag; netto; bedrag; totaal;
        totaalprijs; total net; entgelt; price w o tax; subtotal; amt; extended price; ext price; total excl vat;
        line amount; positionsbetrag; total hors taxe; sous total; net amount of the line; net; net total; total
        amount; montant net; prix total ht; gesamt netto; gesamt preis; gp; total line; extension; charge; total
        eur; value; betrag eur; montant hors taxe; total euro; zeilensumme; totaal excl btw; bedrag excl btw; line
        net amount; line amount net; amount excl vat; total excl tax; nettowert; wert; gesamtpreis netto;
        gesamtbetrag netto; pt; pt ht; prix tot; price; prix; prijs""",
    "gross_amount": """total ttc; montant ttc; amount incl vat; gross; brutto; bruttobetrag; prijs incl btw; total
        incl vat; prix ttc; gross amount; total incl; amount including tax; gesamt brutto; bedrag incl btw; totaal
        incl btw; total inc vat; total with tax; total tvac""",
    "vat_rate": """vat; tva; ust; mwst; btw; tax; taxe; taux; taux tva; vat rate; ust satz; mwst satz; steuersatz;
        steuer; tax rate; tva %; btw %; ust %; mwst %; vat %; gst; vat rate in percent; rate; btw tarief;
        mehrwertsteuer; umsatzsteuer; tva taux; % tva; taux de tva; tax %; vat percent; satz; percent""",
    "vat_amount": """vat amount; montant tva; ust betrag; steuerbetrag; mwst betrag; btw bedrag; tax amount; montant
        de la tva; amount of vat; vat amount for this rate; gst amount; montant taxe; ~vat; ~tva; ~tax; ~mwst; ~ust;
        ~btw; ~amount; ~montant; ~betrag""",
    "taxable_amount": """base; base ht; basisbetrag; taxable amount; bemessungsgrundlage; grundlage; tax base;
        taxable base; base imposable; base taxable; montant ht; nettobetrag; net amount; taxable amount for this
        rate; steuerbasisbetrag; steuer basisbetrag; base amount; net; netto; nettopreis; maatstaf; grondslag;
        warenwert; basis; total ht; ht""",
    "discount": """discount; disc; remise; rem; rabatt; korting; rabais; discount percent; remise %; rab; nachlass;
        ~discount amount""",
    "date": """date; datum; transaction date; booking date; value date; date operation; date valeur; buchungstag;
        buchungsdatum; valuta; wertstellung; service date; date of service""",
    "debit": """debit; debits; withdrawal; soll; lastschrift; paid out; af; payments out; debit amount; ausgang;
        money out""",
    "credit": """credit; credits; deposit; haben; gutschrift; paid in; bij; payments in; credit amount; eingang;
        money in""",
    "balance": "balance; solde; saldo; kontostand; running balance; account balance",
}  # fmt: skip
"""Headers of tables, and at the same time names under which a schema may ask for the cells of a row."""

PARTIES: dict[str, str] = {
    "seller": """verkaufer; lieferant; rechnungssteller; rechnungsersteller; leistungserbringer; seller; supplier;
        vendor; issuer; sold by; sender; billed by; bill from; invoice from; emetteur; fournisseur; vendeur;
        prestataire; expediteur; leverancier; verkoper; afzender; merchant; shop; store; provider; service provider;
        marchand; magasin; commercant; absender; creditor; remit to; from; issued by; emis par; facture par;
        aussteller; handler; geschaft; seller information; payee; company issuing the invoice; firma; entreprise;
        societe; company; bedrijf; business; restaurant; winkel""",
    "buyer": """kaufer; kunde; rechnungsempfanger; empfanger; leistungsempfanger; auftraggeber; buyer; customer;
        client; bill to; billed to; invoice to; invoiced to; invoice address; sold to; recipient; bill to address;
        billing address; destinataire; acheteur; facture a; facture pour; adresse de facturation; facturer a; klant;
        koper; afnemer; factuuradres; factuur aan; rechnungsadresse; rechnungsanschrift; rechnung an; purchaser;
        debtor; payer; to; adresse client; adresse facturation; kundenadresse; customer address; customer
        information; bill; kaufer leistungsempfanger; invoice recipient; kunden""",
    "ship_to": """adresse de livraison; livre a; ship to; deliver to; delivery address; shipping address;
        lieferadresse; lieferanschrift; afleveradres; warenempfanger; lieu de livraison; delivered to; livraison;
        leveradres; consignee; place of delivery; ship to address; shipped to; lieferung an; abweichender
        zahlungsempfanger; factor; payment address; adresse de paiement; banque; bank; steuervertreter; tax
        representative""",
}
"Headings of address blocks; in a schema, the words that say whose attribute is wanted."

ATTRIBUTES: dict[str, str] = {
    "name": """name; nom; naam; company name; company; business name; raison sociale; denomination; firmenname;
        firma; societe; bedrijfsnaam; trade name; legal name; organisation; organization; company or person name;
        enterprise; title; unternehmen; name of the company; entreprise; nom commercial; handelsname; shop name;
        store name; trading name""",
    "address": """address; adresse; anschrift; adres; full address; postal address; adresse complete; adresse
        postale; postanschrift; volledig adres; location; registered office; siege social; siege; mailing address""",
    "street": """street; rue; strasse; straat; street address; street and number; address line; address line 1;
        adresse ligne 1; voie; strasse und hausnummer; numero et rue; street line; straatnaam; first address line;
        strasse hausnummer""",
    "postal_code": "postal code; post code; postcode; zip; zip code; code postal; plz; postleitzahl; cp",
    "city": "city; town; ville; ort; stadt; plaats; stad; commune; localite; woonplaats; gemeente; wohnort",
    "country": "country; pays; land; country code; code pays; landercode; landescode; landcode; staat",
}  # fmt: skip
"""What can be asked of a party beyond the labelled identifiers (VAT id, telephone, IBAN ...)."""

SMALL_WORDS = frozenset(
    [
        "de",
        "du",
        "des",
        "d",
        "la",
        "le",
        "les",
        "l",
        "of",
        "the",
        "der",
        "die",
        "das",
        "den",
        "dem",
        "van",
        "het",
        "von",
        "a",
        "an",
        "en",
        "und",
        "et",
        "and",
        "in",
        "im",
        "for",
        "this",
        "par",
        "pour",
    ]
)
