"""Documents that are neither invoices nor receipts, made up: each as its rows, with what is asked and what is right.

A question is (name of the property, its description, the right answer); a date is asked for where the answer is one,
a number where it is one. Several ways of asking for the same thing stand side by side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Specimen:
    name: str
    rows: tuple[str, ...]
    questions: tuple[tuple[str, str, Any], ...]

    @property
    def properties(self) -> dict[str, Any]:
        return {name: _property(description, answer) for name, description, answer in self.questions}

    @property
    def answers(self) -> dict[str, Any]:
        return {name: answer for name, _, answer in self.questions}


def _property(description: str, answer: Any) -> dict[str, Any]:
    kind = {bool: "boolean", float: "number", list: "array"}.get(type(answer), "string")
    found: dict[str, Any] = {"type": kind, "description": description}
    if kind == "array":
        found["items"] = {"type": "string"}
    if isinstance(answer, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", answer):
        found["format"] = "date"
    return found


PASSPORT = Specimen(
    "a passport",
    (
        "UTOPIA                                  PASSPORT / PASSEPORT",
        "Type/Type    Code/Code       Passport No./Passeport no",
        "P            UTO             L898902C3",
        "Surname/Nom",
        "Eriksson-Lind",
        "Given names/Prénoms",
        "Anna María",
        "Nationality/Nationalité",
        "UTOPIAN",
        "Date of birth/Date de naissance",
        "12 AUG / AOÛT 74",
        "Sex/Sexe       Place of birth/Lieu de naissance",
        "F              ZENITH",
        "Date of issue/Date de délivrance        Authority/Autorité",
        "16 APR / AVR 07                         Passport Office",
        "Date of expiry/Date d'expiration",
        "15 APR / AVR 12",
        "",
        "P<UTOERIKSSON<LIND<<ANNA<MARIA<<<<<<<<<<<<<<<",
        "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10",
    ),
    (
        ("surname", "Surname", "Eriksson-Lind"),
        ("given_names", "Given names", "Anna María"),
        ("document_number", "Passport number", "L898902C3"),
        ("birth_date", "Date of birth (ISO 8601: YYYY-MM-DD)", "1974-08-12"),
        ("birth_place", "Place of birth", "ZENITH"),
        ("sex", "Sex", "F"),
        ("nationality", "Nationality", "UTOPIAN"),
        ("country_code", "Issuing country, three letters", "UTO"),
        ("issue_date", "Date of issue (ISO 8601: YYYY-MM-DD)", "2007-04-16"),
        ("expiry_date", "Date of expiry (ISO 8601: YYYY-MM-DD)", "2012-04-15"),
        ("authority", "Issuing authority", "Passport Office"),
        ("personal_number", "Personal number", "ZE184226B"),
        ("mrz2", "Second line of the machine-readable zone", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
    ),
)
OLD_FRENCH_CARD = Specimen(
    "a French identity card of the old kind",
    (
        "RÉPUBLIQUE FRANÇAISE",
        "CARTE NATIONALE D'IDENTITÉ N° : 090375012347     Nationalité Française",
        "Nom : LEFÈVRE",
        "Prénom(s) : Hélène, Marie",
        "Sexe : F          Né(e) le : 03.04.1971",
        "à : TOURS (37)",
        "Taille : 1,64 m",
        "Signature du titulaire :",
        "IDFRALEFEVRE<<<<<<<<<<<<<<<<<<375012",
        "0903750123479HELENE<<MARIE<7104033F2",
    ),
    (
        ("nom", "Nom de famille", "LEFÈVRE"),
        ("prenoms", "Prénoms", ["Hélène", "Marie"]),
        ("numero_carte", "Numéro de la carte", "090375012347"),
        ("date_naissance", "Date de naissance (AAAA-MM-JJ)", "1971-04-03"),
        ("lieu_naissance", "Lieu de naissance", "TOURS (37)"),
        ("sexe", "Sexe", "F"),
        ("taille", "Taille", "1,64 m"),
        ("nationalite", "Nationalité", "Française"),
    ),
)
GERMAN_CARD = Specimen(
    "a German identity card",
    (
        "BUNDESREPUBLIK DEUTSCHLAND",
        "PERSONALAUSWEIS                                   L01X00T47",
        "Name/Surname/Nom",
        "WEBER",
        "Vornamen/Given names/Prénoms",
        "JÖRG",
        "Geburtstag/Date of birth       Staatsangehörigkeit/Nationality",
        "30.06.1985                     DEUTSCH",
        "Geburtsort/Place of birth",
        "KÖLN",
        "Gültig bis/Date of expiry      Zugangsnummer/CAN",
        "02.08.2031                     593024",
    ),
    (
        ("nachname", "Nachname", "WEBER"),
        ("vornamen", "Vornamen", "JÖRG"),
        ("geburtsdatum", "Geburtsdatum", "1985-06-30"),
        ("geburtsort", "Geburtsort", "KÖLN"),
        ("gueltig_bis", "Gültig bis", "2031-08-02"),
        ("staatsangehoerigkeit", "Staatsangehörigkeit", "DEUTSCH"),
        ("zugangsnummer", "Zugangsnummer (CAN)", "593024"),
    ),
)
RESIDENCE_PERMIT = Specimen(
    "a residence permit whose zone is all that can be read well",
    (
        "TITRE DE SEJOUR",
        "IRFRA9TT0RZZ1K3<<<<<<<<<<<<<<<",
        "9001011M3012316MAR<<<<<<<<<<<0",
        "EL<AMRANI<<YOUSSEF<<<<<<<<<KK<",
    ),
    (
        ("last_name", "Family name of the holder", "EL AMRANI"),
        ("first_name", "First name of the holder", "YOUSSEF"),
        ("birth_date", "Birth date", "1990-01-01"),
        ("expiry_date", "Valid until", "2030-12-31"),
        ("nationality", "Nationality code", "MAR"),
    ),
)
EUROPEAN_LICENCE = Specimen(
    "a driving licence of the Union",
    (
        "F    PERMIS DE CONDUIRE    RÉPUBLIQUE FRANÇAISE",
        "1. MOREAU",
        "2. Camille Louise",
        "3. 14.07.1992  LYON",
        "4a. 05.03.2019    4c. Préfecture du Rhône",
        "4b. 04.03.2034",
        "5. 19AB12345",
        "7.",
        "9. A1/B",
    ),
    (
        ("surname", "Surname (field 1)", "MOREAU"),
        ("given_names", "Given names (field 2)", "Camille Louise"),
        ("date_of_birth", "Date of birth", "1992-07-14"),
        ("place_of_birth", "Place of birth", "LYON"),
        ("date_delivrance", "Date de délivrance", "2019-03-05"),
        ("date_expiration", "Date d'expiration", "2034-03-04"),
        ("licence_number", "Driving licence number", "19AB12345"),
        ("authority", "Issuing authority", "Préfecture du Rhône"),
        ("categories", "Categories of vehicles", "A1/B"),
    ),
)
AMERICAN_LICENCE = Specimen(
    "a driver license of the United States",
    (
        "Ohio          DRIVER LICENSE          USA",
        "4d LIC# TL545796          9 CLASS D",
        "3 DOB 04/09/1971          4b EXP 04/09/2027",
        "                          4a ISS 03/11/2023",
        "1 WALKER",
        "2 DENISE R",
        "8 1970 WEST BROAD ST",
        "COLUMBUS, OH 43223",
        "15 SEX F   16 HGT 5'-06\"   18 EYES BLU",
        "5 DD 0123456789AB",
    ),
    (
        ("last_name", "Last name", "WALKER"),
        ("first_name", "First and middle name", "DENISE R"),
        ("dl_number", "DL number", "TL545796"),
        ("dob", "Date of birth", "1971-04-09"),
        ("issued", "Issued", "2023-03-11"),
        ("expires", "Expires", "2027-04-09"),
        ("sex", "Sex", "F"),
        ("height", "Height", "5'-06\""),
        ("eye_color", "Eye color", "BLU"),
        ("dl_class", "DL class", "D"),
    ),
)
HEALTH_CARD = Specimen(
    "a French health insurance card",
    (
        "Vitale",
        "carte d'assurance maladie",
        "",
        "émise le 14/09/2015",
        "",
        "",
        "SOLÈNE",
        "GUÉRIN",
        "",
        "2 84 05 35 238 117 78",
    ),
    (
        ("nom", "Nom de l'assuré", "GUÉRIN"),
        ("prenom", "Prénom de l'assuré", "SOLÈNE"),
        ("nir", "Numéro de sécurité sociale, chiffres seuls", "284053523811778"),
        ("issue_date", "Issue date", "2015-09-14"),
    ),
)
INSURANCE_CARD = Specimen(
    "an American health insurance card",
    (
        "LAKESIDE HEALTH PLAN",
        "Member Name: OLIVIA HART",
        "Member ID: XQH4471902        Group No: 88120",
        "RxBIN: 610014     RxPCN: MEDDPRIME     RxGrp: RX4471",
        "Payer ID: 60054",
        "Effective date: 01/01/2024",
    ),
    (
        ("member_name", "Name of the member", "OLIVIA HART"),
        ("member_id", "Member id", "XQH4471902"),
        ("group_number", "Group number", "88120"),
        ("rx_bin", "Rx BIN", "610014"),
        ("rx_pcn", "Rx PCN", "MEDDPRIME"),
        ("rx_grp", "Rx group", "RX4471"),
        ("payer_id", "Payer id", "60054"),
    ),
)
BUSINESS_CARD = Specimen(
    "a business card",
    (
        "NORDWIND",
        "Solar roofs",
        "",
        "Clara Jensen",
        "Head of Sales",
        "c.jensen@nordwind-solar.example",
        "www.nordwind-solar.example",
        "T +45 33 12 44 90    M +45 20 11 87 65",
        "12 Harbour Street, 2100 Copenhagen",
    ),
    (
        ("name", "Name of the person", "Clara Jensen"),
        ("firstname", "First name", "Clara"),
        ("lastname", "Last name", "Jensen"),
        ("job_title", "Job title", "Head of Sales"),
        ("company", "Company", "NORDWIND"),
        ("email", "E-mail address", "c.jensen@nordwind-solar.example"),
        ("website", "Website", "www.nordwind-solar.example"),
        ("phone_number", "Phone number", "+45 33 12 44 90"),
        ("mobile_number", "Mobile number", "+45 20 11 87 65"),
        ("address", "Address", "12 Harbour Street, 2100 Copenhagen"),
    ),
)
VISITING_CARD = Specimen(
    "a French visiting card",
    (
        "Bastien ROUSSEL",
        "Directeur commercial",
        "",
        "Menuiserie du Vallon SARL",
        "18 rue des Tilleuls",
        "69003 Lyon",
        "Tél. : 04 72 00 11 22",
        "Port. : 06 12 34 56 78",
        "bastien.roussel@gmail.com",
    ),
    (
        ("nom_complet", "Nom complet", "Bastien ROUSSEL"),
        ("prenom", "Prénom", "Bastien"),
        ("nom", "Nom de famille", "ROUSSEL"),
        ("fonction", "Fonction", "Directeur commercial"),
        ("societe", "Société", "Menuiserie du Vallon SARL"),
        ("courriel", "Adresse e-mail", "bastien.roussel@gmail.com"),
        ("telephone", "Téléphone", "04 72 00 11 22"),
        ("portable", "Téléphone portable", "06 12 34 56 78"),
        ("adresse", "Adresse", "18 rue des Tilleuls, 69003 Lyon"),
    ),
)
RIB = Specimen(
    "bank details of France",
    (
        "RELEVÉ D'IDENTITÉ BANCAIRE",
        "Titulaire du compte : Mme Inès Bailly",
        "Domiciliation : BANQUE DES ALPES GRENOBLE",
        "Code banque   Code guichet   Numéro de compte   Clé RIB",
        "20041         01005          0500013M026        06",
        "IBAN : FR14 2004 1010 0505 0001 3M02 606",
        "BIC : PSSTFRPPGRE",
    ),
    (
        ("account_holder", "Account holder's name", "Mme Inès Bailly"),
        ("iban", "IBAN", "FR1420041010050500013M02606"),
        ("bic", "BIC / SWIFT", "PSSTFRPPGRE"),
        ("code_banque", "Code banque", "20041"),
        ("code_guichet", "Code guichet", "01005"),
        ("numero_compte", "Numéro de compte", "0500013M026"),
        ("cle_rib", "Clé RIB", "06"),
        ("banque", "Nom de la banque", "BANQUE DES ALPES GRENOBLE"),
    ),
)
STATEMENT = Specimen(
    "a statement of account",
    (
        "Seaford Bank plc                                STATEMENT OF ACCOUNT",
        "Mr Peter Holloway",
        "4 Quarry Road",
        "Account holder: Peter Holloway",
        "Account number: 31926819            Sort code: 60-16-13",
        "Statement period: 01/03/2024 to 31/03/2024",
        "Opening balance                                        1,204.10",
        "Date          Description              Debit      Credit      Balance",
        "04/03/2024    Card payment Grocer      54.10                  1,150.00",
        "15/03/2024    Salary                              2,000.00    3,150.00",
        "Total debits                                              54.10",
        "Total credits                                          2,000.00",
        "Closing balance                                        3,150.00",
    ),
    (
        ("account_holder", "Name of the account holder", "Peter Holloway"),
        ("account_number", "Account number", "31926819"),
        ("sort_code", "Sort code", "60-16-13"),
        ("opening_balance", "Opening balance", 1204.10),
        ("closing_balance", "Closing balance", 3150.00),
        ("total_debits", "Total debits", 54.10),
        ("total_credits", "Total credits", 2000.00),
    ),
)
PAYSLIP = Specimen(
    "a French payslip",
    (
        "BULLETIN DE PAIE                        Période : du 01/05/2024 au 31/05/2024",
        "Employeur : Atelier Fougère SAS         Salarié : Marc DUBREUIL",
        "SIRET : 732 829 320 00074               Matricule : 00412",
        "Code NAF : 3109B                        N° Sécurité sociale : 1 85 05 78 006 084 91",
        "Convention collective : Ameublement     Emploi : Ébéniste",
        "Date d'entrée : 02/01/2018",
        "",
        "Salaire de base          151,67     16,4832                     2 500,00",
        "Salaire brut                                                    2 500,00",
        "Net imposable                                                   2 010,44",
        "Net à payer avant impôt sur le revenu                           1 955,27",
        "Impôt sur le revenu prélevé à la source         3,50%              70,37",
        "Net à payer                                                     1 884,90",
        "Date de paiement : 31/05/2024",
    ),
    (
        ("employer", "Nom de l'employeur", "Atelier Fougère SAS"),
        ("employee", "Nom du salarié", "Marc DUBREUIL"),
        ("gross_salary", "Salaire brut", 2500.00),
        ("net_pay", "Net à payer", 1884.90),
        ("net_avant_impot", "Net à payer avant impôt", 1955.27),
        ("net_imposable", "Net imposable", 2010.44),
        ("social_security_number", "Numéro de sécurité sociale", "185057800608491"),
        ("matricule", "Matricule", "00412"),
        ("fonction", "Emploi", "Ébéniste"),
        ("code_naf", "Code NAF", "3109B"),
        ("date_entree", "Date d'entrée", "2018-01-02"),
        ("date_paiement", "Date de paiement", "2024-05-31"),
    ),
)
GERMAN_PAYSLIP = Specimen(
    "a German payslip",
    (
        "Entgeltabrechnung                              Abrechnungsmonat: Mai 2024",
        "Arbeitgeber: Holzbau Lenz GmbH                 Personalnummer: 00731",
        "Arbeitnehmer: Jana Fuchs                       Eintritt: 01.04.2020",
        "Gesamtbrutto                                            3.200,00",
        "Lohnsteuer                                                402,16",
        "Auszahlungsbetrag                                       2.105,48",
    ),
    (
        ("arbeitgeber", "Name des Arbeitgebers", "Holzbau Lenz GmbH"),
        ("arbeitnehmer", "Name des Arbeitnehmers", "Jana Fuchs"),
        ("gross_pay", "Gross pay", 3200.00),
        ("lohnsteuer", "Lohnsteuer", 402.16),
        ("net_pay", "Net pay (paid out)", 2105.48),
        ("personalnummer", "Personalnummer", "00731"),
    ),
)
REGISTRATION = Specimen(
    "a French certificate of registration",
    (
        "CERTIFICAT D'IMMATRICULATION",
        "A    FT-482-KL          B    21/06/2017",
        "C.1  TESSIER ROMAIN",
        "C.3  9 IMPASSE DU MOULIN",
        "     35000 RENNES",
        "D.1  PEUGEOT",
        "D.2  M10PGTVP",
        "D.3  208",
        "E    VF3CCHMZ6HT012345",
        "F.1  1560        G    1065",
        "J    M1          J.1  VP         J.2  AB",
        "P.1  1199        P.2  60         P.3  ES       P.6  4",
        "S.1  5           U.1  78         V.7  104",
        "I    02/05/2019",
    ),
    (
        ("license_plate", "Registration number (A)", "FT-482-KL"),
        ("first_registration_date", "Date of first registration (B)", "2017-06-21"),
        ("vin", "Vehicle identification number (E)", "VF3CCHMZ6HT012345"),
        ("make", "Make (D.1)", "PEUGEOT"),
        ("model", "Commercial name (D.3)", "208"),
        ("fuel", "Fuel (P.3)", "ES"),
        ("puissance_fiscale", "Puissance fiscale", 4.0),
        ("cylindree", "Cylindrée", 1199.0),
        ("seats", "Number of seats", 5.0),
        ("date_immatriculation", "Date d'immatriculation", "2019-05-02"),
        ("owner", "Owner", "TESSIER ROMAIN"),
    ),
)
ENERGY_BILL = Specimen(
    "a French bill for electricity",
    (
        "Voltaire Énergie                                    Mme Agathe Colin",
        "12 place du Marché                                  5 rue des Écluses",
        "21000 Dijon                                         21000 Dijon",
        "Facture du 12/04/2024 n° 7781200934",
        "Votre référence client : 6 008 114 250",
        "Numéro de contrat : 3007712",
        "Point de livraison (PDL) : 21 345 678 901 234",
        "N° compteur : 021876",
        "Titulaire du contrat",
        "Agathe Colin",
        "Montant hors TVA                                  80,00 €",
        "TVA                                               16,00 €",
        "Total TTC                                         96,00 €",
        "Montant à payer avant le 02/05/2024               96,00 €",
    ),
    (
        ("pdl", "Numéro du point de livraison (PDL)", "21345678901234"),
        ("contract_number", "Numéro de contrat", "3007712"),
        ("numero_compteur", "Numéro de compteur", "021876"),
        ("total_ttc", "Montant TTC", 96.00),
        ("titulaire", "Titulaire du contrat", "Agathe Colin"),
    ),
)
RESUME = Specimen(
    "a résumé",
    (
        "Nadia Okafor",
        "Mechanical engineer",
        "nadia.okafor@post.example    +44 7700 900123    linkedin.com/in/nadia-okafor",
        "",
        "PROFILE",
        "Engineer with eight years of experience in pumps and valves.",
        "",
        "WORK EXPERIENCE",
        "2019 - today    Lead engineer, Tidewell Pumps Ltd",
        "2015 - 2019     Design engineer, Harrow & Sons",
        "",
        "EDUCATION",
        "2011 - 2015    Bachelor of Engineering, University of Leeds",
        "",
        "SKILLS",
        "CAD, simulation, project management",
        "LANGUAGES",
        "English, French",
        "REFERENCES",
        "On request",
    ),
    (
        ("name", "Full name of the candidate", "Nadia Okafor"),
        ("given_names", "Given names", "Nadia"),
        ("surname", "Surname", "Okafor"),
        ("email", "E-mail address", "nadia.okafor@post.example"),
        ("phone", "Phone number", "+44 7700 900123"),
        ("profession", "Profession", "Mechanical engineer"),
    ),
)
CHEQUE = Specimen(
    "a cheque",
    (
        "Birch Grove Credit Union                                Check No. 1187",
        "                                                        Date: 10/29/2023",
        "Pay to the order of: Rosa Lindqvist                     $ 425.50",
        "Four hundred twenty-five and 50/100 dollars",
        "Routing number: 021000021     Account number: 4417720",
    ),
    (
        ("payee", "Payee", "Rosa Lindqvist"),
        ("check_number", "Check number", "1187"),
        ("routing_number", "Routing number", "021000021"),
        ("account_number", "Account number", "4417720"),
        ("date", "Date of the check", "2023-10-29"),
    ),
)
SPECIMENS = (
    PASSPORT, OLD_FRENCH_CARD, GERMAN_CARD, RESIDENCE_PERMIT, EUROPEAN_LICENCE, AMERICAN_LICENCE, HEALTH_CARD,
    INSURANCE_CARD, BUSINESS_CARD, VISITING_CARD, RIB, STATEMENT, PAYSLIP, GERMAN_PAYSLIP, REGISTRATION, ENERGY_BILL,
    RESUME, CHEQUE,
)  # fmt: skip
