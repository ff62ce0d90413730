"""What things are called on documents of persons, vehicles, accounts and wages, in English, French and German.

Written as the lexicon of business documents is, and kept apart from it: its words are only looked for when a schema
asks for one of these things, so that 'name' or 'number' on an invoice is no label of an identity card. Where all that
a business document calls a thing holds here too, its phrases are taken from there.
"""

from ..lexicon import LABELS

RECORDS: dict[str, str] = {
    "surname": """surname; last name; family name; lastname; nom; nom de famille; nachname; familienname; name name;
        achternaam; apellido; apellidos; cognome; nom du titulaire; ln; surname of holder; nom de naissance; nom
        usuel; ~name""",
    "given_names": """given name; given names; first name; firstname; forename; forenames; prenom; prenoms; prenom
        du titulaire; prenom s; given name s; vorname; vornamen; voornaam; voornamen; nombre; nombres; nome; fn; first
        names; first and middle name; other names; christian name; rufname""",
    "middle_name": "middle name; middle names; deuxieme prenom; autres prenoms; zweiter vorname",
    "full_name": f"""{LABELS["full_name"]}; holder; name of holder; holder name; nom complet; name vorname;
        titulaire; cardholder; cardholder name; member name; patient name; patient; subscriber; subscriber name; name
        of person; candidate name; insured name; policy holder; versicherter; contact name; nom de la personne""",
    "birth_name": "birth name; maiden name; geburtsname; nom de jeune fille; name at birth",
    "usage_name": "usage name; nom d'usage; nom d'epouse; epouse; nom d'epoux; alternate name; married name; ehename",
    "birth_date": f"""{LABELS["birth_date"]}; birthday; d o b; ne e le; geb; fecha de nacimiento; data di nascita;
        date naiss; geb am""",
    "birth_place": """place of birth; birth place; birthplace; lieu de naissance; geburtsort; ort der geburt;
        geboorteplaats; lugar de nacimiento; luogo di nascita; ~born in; city of birth""",
    "sex": f"""{LABELS["sex"]}; sexo; sesso""",
    "nationality": f"""{LABELS["nationality"]}; nacionalidad; cittadinanza; nationality code""",
    "height": "height; taille; grosse; hgt; ht; korpergrosse; lengte; estatura",
    "eyes": "eyes; eye color; eye colour; colour of eyes; color of eyes; couleur des yeux; yeux; augenfarbe",
    "hair": "hair; hair color; hair colour; couleur des cheveux; haarfarbe",
    "weight": "weight; wgt; wt; poids; gewicht",
    "address": """address; adresse; domicile; residence; anschrift; wohnort; wohnsitz; adres; home address; street
        address; adresse du titulaire; permanent address; domicilio""",
    "document_number": """document number; document nr; passport nr; passport number; nr passeport; passeport nr; pass
        nr; reisepass nr; passnummer; id nr; id number; identity card nr; identity number; identification number; id
        card number; card nr; card number; nr carte; numero de carte; numero de la carte; carte nr; carte nationale
        d'identite nr; licence number; license number; licence nr; license nr; driver license number; driving licence
        number; dln; dl nr; dl; lic nr; lic; nr permis; numero de permis; permis nr; numero du document; numero de
        document; nr document; ausweisnummer; ausweis nr; nummer des ausweises; fuhrerscheinnummer; dokumentennummer;
        permit number; permit nr; nr titre; numero du titre; kartennummer; documentnummer; customer identifier;
        seriennummer; ~nr""",
    "personal_number": """personal number; personal nr; personal id nr; national id; national number; numero
        personnel; personennummer; numero national; national identification number; personal identification number""",
    "issue_date": """date of issue; issue date; date issued; issued; issued on; iss; date de delivrance; delivre le;
        delivree le; date d'emission; emise le; emis le; date d'etablissement; ausstellungsdatum; ausgestellt am;
        ausstellungstag; datum der ausstellung; valid from; fecha de expedicion; date d'obtention; etabli le""",
    "expiry_date": f"""{LABELS["expiry_date"]}; expiry; good thru; date d'exp; carte valable jusqu'au; date de fin
        de validite; valable jusqu; gultig bis ende; fecha de caducidad; date d'expir; expir; date limite de validite;
        validite""",
    "authority": """authority; issuing authority; autorite; issued by; place of issue; issuing office; delivre par;
        delivree par; autorite de delivrance; lieu de delivrance; behorde; ausstellende behorde; ausstellungsbehorde;
        autoridad; ~par""",
    "country": """issuing country; country code; issuing state; code of issuing state; country; code du pays; pays
        emetteur; etat emetteur; pays; ausstellender staat; landercode; state of issue; country of issue; pays de
        delivrance; issuing country code""",
    "state": "state; issuing state name; us state; etat; bundesland",
    "document_type": "document type; type of document; type; type de document; passport type; dokumententyp; typ; art",
    "mrz_1": "mrz1; mrz 1; mrz line 1; first mrz line; first line of mrz; ligne 1 mrz; line 1 of mrz; erste zeile mrz",
    "mrz_2": "mrz2; mrz 2; mrz line 2; second mrz line; second line of mrz; ligne 2 mrz; line 2 of mrz",
    "mrz_3": "mrz3; mrz 3; mrz line 3; third mrz line; third line of mrz; ligne 3 mrz; line 3 of mrz",
    "access_number": "card access number; can; zugangsnummer; access number",
    "categories": """categories; category; class; vehicle class; vehicle classes; license class; licence class;
        categories de vehicules; fahrerlaubnisklassen; klassen; klasse; licence categories; dl class; ~categorie""",
    "restrictions": "restrictions; rest; restriction; beschrankungen",
    "endorsements": "endorsements; end; endorsement",
    "discriminator": "dd; dd number; document discriminator; dd nr",
    "social_security": """social security number; social security nr; ssn; nir; numero de securite sociale; nr
        securite sociale; nr de securite sociale; nr ss; nr secu; numero ss; secu; securite sociale; nr nir; numero
        d'inscription; social insurance number; national insurance number; ni number; ni nr; sozialversicherungsnummer;
        sv nummer; sv nr; rentenversicherungsnummer; versicherungsnummer; insee; nr insee; ahv nr""",
    "employer_id": "employer identification number; ein; employer id number; employer id nr; fein; federal ein",
    "member_id": """member id; member nr; member number; subscriber id; insurance id; id member; identification
        nr; numero d'adherent; nr adherent; adherent; versichertennummer; mitgliedsnummer; policy number; member""",
    "group_number": "group number; group nr; group; grp; group id; numero de groupe; gruppennummer",
    "payer_id": "payer id; payor id; payer nr",
    "rx_bin": "rx bin; rxbin; bin",
    "rx_group": "rx group; rxgrp; rx grp; rxgroup",
    "rx_pcn": "rx pcn; rxpcn; pcn",
    "plan": "plan; plan name; plan type; health plan",
    "job_title": f"""{LABELS["job_title"]}; function; emploi; metier; qualification; beruf; tatigkeit; stelle;
        designation; job; intitule du poste; current position; headline; ~titre""",
    "company": """company; company name; employer; organisation; organization; business; firm; entreprise; societe;
        nom de la societe; nom de l'entreprise; firma; firmenname; unternehmen; arbeitgeber; employeur; bedrijf""",
    "email": "email; e mail; mail; email address; courriel; adresse email; adresse e mail; e mail adresse; mel",
    "phone": """phone; telephone; tel; phone number; telephone number; numero de telephone; telefon; telefonnummer;
        rufnummer; office phone; work phone; fixe; landline; festnetz; tel nr; direct; contact number""",
    "mobile": """mobile; mobile number; mobile phone; cell; cell phone; cellphone; portable; mobil; handy; mobilnummer;
        gsm; telephone portable; numero de portable; mob; handynummer""",
    "fax": f"""{LABELS["fax"]}; numero de fax""",
    "website": "website; web; web site; url; homepage; internet; site web; site internet; webseite; webadresse",
    "linkedin": "linkedin; linkedin profile; linkedin url; profil linkedin",
}  # fmt: skip

VEHICLES: dict[str, str] = {
    "A": """registration number; license plate; licence plate; plate number; number plate; numero d'immatriculation;
        immatriculation; plaque; kennzeichen; amtliches kennzeichen; vehicle registration number; registration mark;
        license plate number; plaque d'immatriculation""",
    "B": """first registration date; date of first registration; first registration; date de premiere immatriculation;
        date de 1re immatriculation; premiere immatriculation; erstzulassung; datum der erstzulassung; date de 1ere
        immatriculation""",
    "C.1": "holder; holder name; owner; owner name; titulaire; proprietaire; halter; name of holder; nom du titulaire",
    "C.1.1": "owner surname; holder surname; nom titulaire; owner last name; surname; nom; nachname",
    "C.1.2": "owner first name; holder given names; prenom titulaire; owner given names; first name; prenom; vorname",
    "C.3": "owner address; holder address; address; adresse; adresse du titulaire; anschrift; domicile",
    "D.1": "make; brand; marque; marke; vehicle make; manufacturer; constructeur; hersteller; car make",
    "D.2": "type; variant; version; type variante version; typ; vehicle type",
    "D.3": """model; commercial name; commercial description; denomination commerciale; modele; handelsbezeichnung;
        modell; car model; vehicle model""",
    "E": """vin; vehicle identification number; chassis number; numero d'identification du vehicule; numero
        d'identification; fahrzeug identifizierungsnummer; fahrgestellnummer; numero de serie; fin; chassis nr""",
    "F.1": "max mass; maximum mass; masse maximale; masse en charge maximale techniquement admissible; ptac technique",
    "F.2": "max permissible mass; ptac; masse en charge maximale admissible; zulassige gesamtmasse",
    "G": "mass in service; mass of vehicle in service; masse en service; leermasse; masse du vehicule en service",
    "G.1": "empty mass; unladen mass; poids a vide; poids a vide national; kerb weight",
    "H": "period of validity; validite; date limite de validite; gultigkeitsdauer",
    "I": "registration date; date of registration; date d'immatriculation; datum der zulassung; date d immatriculation",
    "J": "vehicle category; category; categorie du vehicule; fahrzeugklasse; genre; categorie ce",
    "J.1": "national genre; genre national; national category",
    "J.2": "body; bodywork; carrosserie; carrosserie ce; aufbau",
    "J.3": "national bodywork; carrosserie nationale; carrosserie designation nationale",
    "K": "type approval number; numero de reception; numero de reception par type; genehmigungsnummer",
    "P.1": "capacity; engine capacity; displacement; cylindree; hubraum",
    "P.2": "power; max net power; maximum net power; puissance nette maximale; puissance; nennleistung; leistung",
    "P.3": "fuel; fuel type; type de carburant; carburant; energie; kraftstoff; kraftstoffart; energy source",
    "P.6": "fiscal power; administrative power; puissance administrative nationale; puissance fiscale; cv fiscaux",
    "Q": "power to weight ratio; rapport puissance masse",
    "S.1": "seats; number of seats; nombre de places assises; places assises; sitzplatze; seat count",
    "S.2": "standing places; number of standing places; nombre de places debout; stehplatze",
    "U.1": "stationary noise; noise level; niveau sonore a l'arret; niveau sonore; standgerausch",
    "U.2": "engine speed; vitesse du moteur; drehzahl",
    "V.7": "co2; co2 emissions; emission de co2; emissions co2; co2 emissionen",
    "V.9": "environmental class; classe environnementale; emission class; schadstoffklasse; euro class",
    "X.1": "inspection date; next inspection; date de visite technique; visite technique; visites techniques",
    "Y.1": "regional tax; taxe regionale; montant de la taxe regionale",
    "Y.2": "professional training tax; taxe formation professionnelle",
    "Y.3": "co2 tax; ecotaxe; taxe co2",
    "Y.4": "management tax; taxe de gestion; montant de la taxe de gestion",
    "Y.5": "delivery fee; redevance; redevance d'acheminement; montant de la redevance d'acheminement",
    "Y.6": "total tax; total price; montant total; montant total a payer",
}  # fmt: skip
"""By the codes of the directive 1999/37/EC, which stand on every registration certificate of the Union."""

ACCOUNTS: dict[str, str] = {
    "gross_pay": """gross pay; gross salary; gross wage; gross wages; gross earnings; total gross; gross; salaire brut;
        brut; remuneration brute; total brut; brut total; bruttolohn; bruttogehalt; gesamtbrutto; brutto;
        bruttoverdienst; brutto bezuge; gesamt brutto; steuerbrutto; total gross pay; total earnings""",
    "net_pay": """net pay; net salary; net wage; net wages; net paid; take home pay; net a payer; net paye; salaire
        net; net a payer au salarie; net a payer apres impot; net paye en euros; net a payer apres impot sur le revenu;
        auszahlungsbetrag; nettolohn; nettogehalt; netto; nettoverdienst; auszahlung; uberweisung; net amount; net;
        amount paid; net a verser""",
    "net_before_tax": """net before tax; net a payer avant impot; net a payer avant impot sur le revenu; net avant
        impot; net before income tax; salaire net avant impot""",
    "net_taxable": "net taxable; net imposable; taxable net; net fiscal; taxable income; cumul net imposable",
    "income_tax": """income tax; income tax withheld; impot sur le revenu; prelevement a la source; lohnsteuer; federal
        income tax; federal withholding; pas; impot sur le revenu preleve a la source; withholding tax""",
    "deductions": "deductions; total deductions; total cotisations; retenues; total des cotisations; abzuge",
    "base_salary": "base salary; salaire de base; grundgehalt; basic pay; basic salary; base pay; grundlohn",
    "hire_date": """hire date; date of hire; date d'entree; date d'embauche; start date; eintrittsdatum; eintritt;
        anciennete; entree; date d'anciennete; joining date""",
    "pay_date": """pay date; payment date; date de paiement; paye le; zahltag; auszahlungsdatum; check date; date of
        payment; date de versement; paiement le""",
    "employee_number": """employee number; employee id; employee nr; matricule; personalnummer; pers nr; personal nr;
        staff number; payroll number; personnel number""",
    "employee": """employee; employee name; nom du salarie; salarie; arbeitnehmer; mitarbeiter; name of employee; nom
        et prenom du salarie""",
    "employer": """employer; employer name; employeur; nom de l'employeur; arbeitgeber; name of employer""",
    "collective_agreement": "collective agreement; convention collective; tarifvertrag; conv coll; ccn",
    "activity_code": "activity code; code naf; naf; code ape; ape; naf ape; code naf ape; ape naf",
    "urssaf": "urssaf; nr urssaf; urssaf number",
    "account_holder": """account holder; holder; account owner; account name; titulaire; titulaire du compte; nom du
        titulaire; kontoinhaber; inhaber; beneficiary; beneficiaire; name of account holder; intitule du compte;
        account holder name; holder name; owner; account holder s name; account holders names""",
    "bank_name": """bank; bank name; name of bank; banque; nom de la banque; bankname; kreditinstitut; domiciliation;
        geldinstitut; name der bank; institution; financial institution""",
    "bank_code": """bank code; code banque; code etablissement; bankleitzahl; blz; etablissement; code etabl; c etab;
        banque code""",
    "branch_code": "branch code; code guichet; guichet; sort code; c guichet; agence; code agence",
    "account_number": """account number; account nr; numero de compte; nr de compte; nr compte; compte nr; kontonummer;
        konto nr; compte; acct nr; account; numero compte; konto""",
    "account_key": "rib key; key; cle rib; cle; check digit; pruefziffer",
    "routing_number": "routing number; routing nr; aba; aba number; routing transit number; aba nr; transit number",
    "iban": "iban; iban nr; iban number; numero iban; international bank account number; iban code",
    "bic": "bic; swift; bic swift; swift code; bic code; code bic; swift bic; swift number; code swift; bic swift code",
    "check_number": "check number; cheque number; check nr; cheque nr; numero de cheque; nr cheque; schecknummer",
    "payee": """payee; payees; pay to; pay to order of; pay to the order; beneficiaire; a l'ordre; ordre de; a ordre;
        payable to; zahlungsempfanger; payez contre ce cheque a; recipient of check""",
    "check_amount": "check amount; cheque amount; amount; montant; montant du cheque; betrag; amount of check",
    "total_debit": """total debit; total debits; total des debits; total withdrawals; total money out; total paid out;
        total withdrawal; total des operations debit; summe soll; ~debits; ~withdrawals""",
    "total_credit": """total credit; total credits; total des credits; total deposits; total money in; total paid in;
        total deposit; summe haben; ~credits; ~deposits""",
    "delivery_point": """delivery point; pdl; prm; point de livraison; point reference mesure; nr pdl; nr prm; reference
        acheminement; ref acheminement; reference d'acheminement electricite; numero pdl; identifiant pdl; reference
        acheminement electricite; numero de point de livraison; mpan; supply number; zahlpunkt; marktlokation; malo id;
        marktlokations id; zahlpunktbezeichnung; pce; nr pce; point de comptage et d'estimation; reference acheminement
        gaz; numero pce; mprn; meter point reference number; ref acheminement electricite; pdl prm; messlokation""",
    "meter_number": """meter number; meter nr; nr compteur; numero de compteur; zahlernummer; zahler nr; meter id;
        matricule compteur; serial number of meter; compteur nr; meter serial number""",
    "customer_account": """customer account; customer number; client number; numero client; nr client; reference client;
        ref client; compte client; kundennummer; account number; customer id; identifiant client; compte commercial;
        compte de facturation; customer reference; numero de client; customer account number; client id; kunden nr""",
    "contract_number": """contract number; contract nr; numero de contrat; nr contrat; reference contrat; ref contrat;
        contrat nr; vertragsnummer; vertrag nr; vertragskonto; vertragskontonummer; reference du contrat; contract id;
        ref de votre contrat; compte de contrat""",
}  # fmt: skip
