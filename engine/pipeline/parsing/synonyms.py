"""How suppliers word it: labels and heads beyond those of the lexicon, in the same notation."""

from __future__ import annotations

LABELS: dict[str, str] = {
    "invoice_number": """rechnung numero; rnr; re nr; faktura nr; fakturanummer; fakturanr; faktura; piece nr;
        document reference; facture numero; factuur nummer; fact nr; invoice code; nota nr; notanummer; nr rechnung;
        nr faktura; nr factuur; tax invoice number; credit nr; numero de piece; rechnungskennung; ~faktura; ~nummer;
        ~numero""",
    "issue_date": """invoice date tax point; date tax point; date raised; raised on; invoiced on; billed on; etablie
        le; re datum; rechn datum; fakturadatum; faktura datum; opgemaakt op; opgesteld op; datum van uitgifte;
        notadatum; erstellt am; date de piece; date piece; gedateerd; rechnungs datum; ~issued; ~emission""",
    "due_date": """payment due by; due for payment; due for payment on; settlement due; settle by; please settle by;
        a regler au plus tard le; reglement avant le; reglement avant; payable au plus tard le; paiement avant le;
        echeance au; date limite de reglement; date limite; a payer au plus tard le; zahlung fallig am; zahlung
        fallig; fallig bis; spatestens bis; zahlbar spatestens; te voldoen voor; voldoen voor; uiterlijk te betalen
        op; uiterlijk betalen op; uiterlijk te voldoen op; uiterlijk te betalen; uiterste betaaldag; betalen
        uiterlijk; gelieve te betalen voor; netto fallig; zahlung spatestens; payment required by; please pay before;
        pay before; to be paid by; kindly settle before; betaling uiterlijk; betaling voor; wird abgebucht am;
        prelevement le; abbuchung am; preleve le; wordt afgeschreven op; collected on; will be collected on""",
    "delivery_date": """dispatch date; date dispatched; despatch date; dispatched on; date of prestation; datum
        levering; geleverd op; verzenddatum; liefer leistungsdatum; lieferung am; leistung am; date d'envoi;
        uitvoeringsdatum; performance date; date prestation; livree le""",
    "order_number": """order nr customer; customer po; po; uw ordernummer; uw bestelling; uw order; uw po;
        inkoopordernummer; inkoopnummer; opdrachtnummer; uw bestelnummer; bc nr; nr bc; ihr auftrag; ihre bestellnr;
        ihre bestellnummer; ihre bestell nr; bestellreferenz; bon commande; numero commande; numero bon de commande;
        nr commande client; votre reference commande; votre bon de commande; nr de bon de commande; commande numero;
        order reference nr; sales order; sales order nr; web order; web order nr; ~bestellung; ~bestelling""",
    "customer_number": """cust nr; cust id; customer code; customer ref; customer reference nr; client code; client
        number; code du client; numero client; votre nr client; votre nr de client; kd nr; kdnr; kundenkonto; debitor;
        debitor nr; debitornr; debitorennummer; debitorennr; debitoren nr; debiteur; debiteurnummer; debiteurnr;
        debiteur nr; ihre kundennummer; ihre kunden nr; relatienummer; relatienr; relatie nr; klantcode; klantencode;
        uw klantnummer; abonneenummer; numero d'abonne; customer account nr; customer account number; account id;
        kundenkennung; vertragskonto""",
    "vat_id": """uw btw nr; uw btw nummer; btw nr klant; btw nummer klant; btw nr afnemer; vat nr customer; your vat
        number; your vat nr; ihre uid; ihre ust id; ust id kunden; client vat nr; client vat number; votre nr de tva;
        tva du client; btw identificatienr; ust identifikationsnr; mwst nummer; ust nr; tva intra nr; vat registration
        number""",
    "currency": """invoice currency; montants exprimes en; munteenheid; alle betrage in; all amounts in; alle
        bedragen in; tous les montants en; devise facture; rechnungswahrung; betalingsvaluta""",
    "line_total": """positionen netto; summe netto positionen; goods value; total of goods; total goods;
        goederenbedrag; goederentotaal; totaal artikelen; totaal goederen; total lignes ht; total des lignes ht; total
        marchandises ht; items subtotal; artikel netto; total fournitures; warensumme; total positions; total posten;
        subtotaal artikelen""",
    "charge_total": """packing; postage packing; postage and packing; p and p; porto verpackung; porto und
        verpackung; versand und verpackung; versandkostenpauschale; versandpauschale; lieferpauschale; vrachtkosten;
        vracht; transportkosten; bezorgkosten; bezorging; portokosten; verzending; verzend en administratiekosten;
        administratiekosten; frais d'envoi; envoi; frais d'expedition ht; frais de port ht; port ht; livraison;
        participation aux frais; handling; delivery; delivery charges; shipping charges; express shipping; transport
        ht; eco participation; verpakking; orderkosten; behandelingskosten; mindermengenzuschlag""",
    "total_without_vat": """net invoice value; net value total; total before vat; subtotal before vat; total exc vat;
        subtotal ex vat; amount ex vat; total excluding sales tax; total before sales tax; rechnungsbetrag netto;
        netto rechnungssumme; nettowert; nettowarenwert; total hors t v a; totaal excl; total excl; bedrag exclusief
        btw; bedrag excl; totaalbedrag excl btw; totaalbedrag exclusief btw; netto factuurbedrag; total ht apres
        remise; net commercial; net commercial ht; net hors taxe; sous total hors taxe; summe ohne ust; zwischensumme
        ohne mwst; ~totaal netto; ~net total; ~netto""",
    "total_vat": """btw hoog; btw laag; total sales tax; state tax; plus mwst; plus ust; plus btw; zuzugl mwst;
        zuzugl umsatzsteuer; mwst summe; gesamt steuer; btw totaalbedrag; omzetbelasting; total des taxe; montant
        total tva; montant total de la tva; ust summe; vat payable; vat charged; vat charge; tax charged""",
    "total_with_vat": """total ttc eur; total facture ttc; total general ttc; total a payer ttc; ttc; gesamt inkl
        ust; endsumme brutto; bruttogesamtbetrag; gesamtsumme brutto; gesamtbetrag eur; rechnungsendsumme; total inkl;
        total incl; totaal incl; totaal inclusief; bedrag incl btw; bedrag inclusief btw; totaalbedrag incl btw;
        totaalbedrag inclusief btw; totaal factuur; totaal factuurbedrag; total incl tva; total inclusive of vat;
        total inclusive vat; amount including vat; gross invoice amount; gross value; invoice total incl vat; total
        charges; total current charges; total de la facture; total de votre facture; montant de votre facture; total
        charges incl vat; gesamtforderung; rechnungsgesamtbetrag; gesamtrechnungsbetrag; ~gross; ~brutto; ~totaal""",
    "prepaid_amount": """deposit received; less payment; less payments; payment on account; on account; acompte
        deduit; acomptes deduits; montant deja verse; deja verse; reglement recu; paiement recu; acomptes verses;
        geleistete zahlung; geleistete zahlungen; vorauszahlung; abzuglich vorauszahlung; abzuglich anzahlung; abzgl
        vorauszahlung; vorkasse; gezahlt; bereits beglichen; al voldaan; reeds voldaan; voldaan; al betaald;
        vooruitbetaling; vooruitbetaald; vooruit betaald; credit applied; account credit; less prepayment; less
        prepaid; abschlagszahlung; verrechnete abschlage; payment made; paiements; paiement effectue""",
    "amount_due": """due now; now due; left to pay; still to pay; to be paid; amount now due; total now due; total to
        be paid; solde restant du; reste a regler; net a regler; restzahlung; verbleibender betrag; noch offen; offen;
        offener rechnungsbetrag; restforderung; verbleibt; zu begleichen; bitte zahlen; nog te voldoen; openstaand;
        openstaand saldo; restant; resterend bedrag; restbedrag; resteert; te voldoen bedrag; door u te betalen;
        totaal te voldoen; balance outstanding; total outstanding; montant restant du; ~due; ~outstanding; ~rest""",
    "rounding": "rundungsdifferenz; rundungsbetrag; afrondingsverschil; arrondis; difference d'arrondi",
}  # fmt: skip

COLUMNS: dict[str, str] = {
    "position": "nr de ligne; zeile nr; regelnr; positie; line nr; lnr; lfd; ligne nr; nr ligne; lfdnr",
    "description": """particulars; work carried out; item details; designation des prestations; nature des travaux;
        nature de la prestation; designation des travaux; detail des prestations; tatigkeit; artikel leistung; artikel
        dienstleistung; leistungsart; leistungstext; beschreibung der leistung; bezeichnung der leistung; ware
        leistung; gegenstand; werkzaamheden; omschrijving werkzaamheden; artikelomschrijving; productomschrijving;
        dienst; beschrijving; productnaam; subject; item name and description; position bezeichnung; charge
        description; service product; bezeichnung artikel; objet; travaux; produits; articles; designation article;
        item and description; what; dienst of product; specificatie""",
    "article_number": """art nr code; artcode; material; materiaal; stock nr; catalogue nr; cat nr; nr article; best
        nr; bestell nr; produkt nr; productcode; product sku; artikelkennung; model; modele; modell; typ; item ref;
        part code; artikelnr lieferant; codice; artno; plu; isbn""",
    "quantity": """unit count; nr of unit; ordered; shipped; delivered; std; stunden; mge; menge std; menge
        stk; aant; aantal uur; aantal uren; uur; qte livree; qte facturee; quantite facturee; nb
        heures; nb jours; nombre de jours; nombre d'heures; heures; jours; quantity shipped; quantity delivered; qty
        delivered; hours qty; qty hrs; quantity hours; anz; nb unite; nombre d'unites; geliefert; liefermenge;
        geleverd; stuks; months; monate; mois; volume; consumption; usage; verbrauch; verbruik; consommation; kwh""",
    "unit": "u; un; u m; eh; einh; eenh; per; pro; vpe; uq; mesure",
    "unit_price": """each; unit net; net price; rate per hour; price per hour; price unit net; tarif unitaire; tarif
        horaire; tarif unit; pu h t; pu ht net; prix u ht; prix net unitaire; prix unit net; prix net ht; netto ep; e
        preis netto; einzel eur; preis eur; preis stk; preis einh; preis pro stuck; listenpreis; nettoeinzelpreis;
        einzelpr; e preis eur; uurtarief; prijs p s; prijs excl; prijs excl btw; prijs per eenheid; stukprijs excl
        btw; eenheidsprijs excl btw; per stuk; montant unitaire; cout unitaire; unit cost net; list price; preis je
        einheit; preis je stuck; ppu; satz eur""",
    "net_amount": """line value; net value; net price; ext amount; line net; amount net; amount due; cost; total net
        ht; total ht net; mt ht; montant h t; montant net ht; mt net ht; total ligne ht; total ligne; g preis; gesamt
        eur; gesamt netto eur; betrag netto; netto betrag eur; netto gesamt; gesamtpr; ges preis; regeltotaal;
        regelbedrag; subtotaal; totaal excl; bedrag eur; netto bedrag; totaal eur; bedrag excl; totaalbedrag; preis
        gesamt; summe netto; charges; line amount excl vat; montant total; montant total ht; prix total net; prix net
        total; valeur; waarde; ext; extended""",
    "gross_amount": """total t t c; prix total ttc; montant t t c; betrag brutto; bruto; bruttosumme; gesamtpreis
        brutto; gross price; gross total; totaal incl; amount inc vat; incl btw; inkl mwst; total inkl mwst""",
    "vat_rate": """st satz; tx tva; taux de taxe; tva taux %; t v a; code tva; percentage; btw code; tax code; btw
        perc; vat code; steuer %; tx; % btw; % mwst; % ust; % vat""",
    "vat_amount": """mt tva; montant de tva; steuer betrag; tva montant; vat value; mwst
        eur; ust eur; tva eur""",
    "taxable_amount": """over; bedrag excl; bedrag excl btw; maatstaf van heffing; belastbaar bedrag; goods; goods
        value; net goods; netto warenwert; netto eur; nettowert; nettosumme; warenwert netto; ht net; vatable amount;
        net value; base h t; base de tva; montant base; base tva; montant soumis; basis eur; basisbedrag; grondslag
        btw""",
    "discount": "less; rem %; % rem; rab %; krt; kort; korting %; disc %; remise en %; r %; nachl; skonto",
}  # fmt: skip

PARTIES: dict[str, str] = {
    "seller": """sold and shipped by; vendeur prestataire; votre fournisseur; entreprise prestataire; opdrachtnemer;
        dienstverlener; rechnungsaussteller; leistender unternehmer; auftragnehmer; gefactureerd door; invoiced by;
        your supplier; coordonnees vendeur; payable to; facturatie door""",
    "buyer": """geadresseerde; opdrachtgever; gefactureerd aan; factureren aan; prepared for; vos coordonnees;
        facturation; client facture; rechnungs empfanger; adressat; besteller; leistungsempfanger in; invoiced
        customer; charged to; your details; ihre anschrift; votre adresse; uw gegevens; kundin; billed customer;
        account holder address; coordonnees client; client payeur; maitre d'ouvrage; facture adresse a""",
    "ship_to": """bezorgadres; geleverd aan; aflevering; dispatched to; delivery to; site address; adresse du
        chantier; adresse chantier; chantier; versandadresse; leistungsort; lieferort; verzendadres; lieu
        d'intervention; lieu de prestation; adresse d'intervention; shipping to; deliver address; werkadres;
        installation address; warenempfanger adresse; baustelle; bauvorhaben; lieu d'execution; service address;
        livrer a""",
}  # fmt: skip
