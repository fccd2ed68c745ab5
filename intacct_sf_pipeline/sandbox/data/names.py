"""Words the generated company is named with: people, trades, legal forms, job titles, goods. Data only.

Everything is combined at random from common words, so no name is meant to be that of a real person or company.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speech:
    """The name stock of one language.

    A company pattern draws on {a}, {b} (surnames), {w}, {w2} (words) and {t}, {t2} (trade, as it is and in lower case);
    `prefixes` are the forms of address of a man and of a woman.
    """

    first_names: tuple[str, ...]
    surnames: tuple[str, ...]
    words: tuple[str, ...]
    trades: tuple[str, ...]
    patterns: tuple[str, ...]
    legal_forms: tuple[tuple[str, ...], ...]
    prefixes: tuple[str, str]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


_INC = (", Inc.", " Inc", " Inc.", " INC")
_LLC = (", LLC", " LLC", " L.L.C.")
_LTD = (" Ltd", " Ltd.", " Limited")
_NONE = ("",)

ENGLISH = Speech(
    _words(
        """Mia Noah Ava Liam Zoe Owen Ruth Caleb Nora Silas Ivy Jonah Tessa Miles Della Hugo June Amos Clara Reed
        Esther Victor Hazel Wyatt Maeve Dylan Opal Felix Greta Ezra Lydia Rowan Cora Simon Paige Gavin Sylvia
        Trent Lois Elena Keiko Rajan Priya Omar Leila Chidi Amara Siobhán Zoë Renée José D'Arcy Mary-Ann"""
    ),
    _words(
        """Ray Holt Fern O'Neill Carver Whitlock Mercer Quill Harrow Vance Pemberton Ashby Tolliver Drake Winslow
        Marsh O'Brien Lockwood Sable Rourke Thackeray Bellamy Crane Fairfax Grady Hollis Ingram Jessup Kerrigan
        Langley Maddox Norwood Oakes Prescott Radcliffe Sutter Thorne Underhill Vickers Wexler Yardley Zeller
        D'Angelo McAllister MacLeod Fitzgerald Okafor Nguyen Singh Patel Brontë Haddad Smith-Jones St.John"""
    ),
    _words(
        """Blue Harbor Granite Cedar Silver North Amber Summit River Copper Prairie Falcon Lantern Cobalt Meadow
        Juniper Beacon Orchard Ridge Willow Anchor Crescent Maple Quarry Saffron Tundra Compass Heron Marble
        Canyon"""
    ),
    _phrases(
        """Tools, Plumbing, Bakery, Logistics, Instruments, Textiles, Printing, Marine Supply, Dental Lab,
        Landscaping, Fabrication, Software, Medical Devices, Roofing, Electric, Pumps & Valves, Coffee Roasters,
        Furniture, Packaging, Optics, Bicycles, Nurseries, Foods, HVAC Services, Paper Co"""
    ),
    (
        "{w} {b} {t}",
        "{a} & {b} {t}",
        "{a} {t}",
        '"{w}" {a} {t}',
        "{w} {w2} {t}",
        "{a}, {b} & Sons {t}",
        "The {w} {t} of {b}",
    ),
    (_INC, _INC, _LLC, _LTD, _NONE),
    ("Mr.", "Ms."),
)
GERMAN = Speech(
    _words(
        """Jürgen Käthe Anna-Lena Björn Sören Grete Lukas Heike Götz Ursel Till Änne Marlies Uwe Friederike Jörg
        Rüdiger Ilse"""
    ),
    _words(
        """Müller-Lüdenscheid Schäfer Weiß Größer Köhler Böhm Jäger Krüger Lüders Brandt Voß Hübner Fuchs Kühn Löwe
        Vogelsang Steinmetz Oßwald Ziegler Bäcker Hölzl Rübesam"""
    ),
    _words("Nord Alpen Rhein Hansa Eifel Isar Elb Saale Weser Harz"),
    _phrases(
        """Maschinenbau, Werkzeugbau, Großhandel, Möbelwerk, Gerätebau, Druckerei, Messtechnik, Kälteanlagen,
        Bäckerei"""
    ),
    ("{a} {t}", "{a} & {b} {t}", "{w}{t2} {a}", "{a} & Söhne {t}", "{w} {t} {a}"),
    ((" GmbH", " Gmbh"), (" GmbH & Co. KG", " GmbH & Co KG"), (" AG",), _NONE),
    ("Herr", "Frau"),
)
FRENCH = Speech(
    _words(
        """Benoît Éloïse Hélène Aimé Noël Chloé Jérôme Zoé Rémi Agnès Loïc Solène Gaël Maëlle Théo Cécile Raphaël
        Inès"""
    ),
    _words(
        """Lefèvre d'Aubigny Côté Béranger Duchêne Forêt Garçon Hébert L'Hermitte Moreau Noël Péchard Rivière
        Sénéchal Tréville Vallée Bézier Gauthier Desprès Maçon"""
    ),
    _words("Étoile Rivage Sommet Azur Lumière Chêne Océan Moulin"),
    _phrases(
        """Boulangerie, Menuiserie, Imprimerie, Établissements, Optique, Mécanique, Horlogerie, Pépinières, Traiteur"""
    ),
    ("{t} {a}", "{t} {a} & Fils", "{t} {a} et {b}", "L'{w} {t} {a}", "{t} {w} {b}"),
    ((" SARL", " S.A.R.L."), (" SAS", " S.A.S."), _NONE),
    ("M.", "Mme"),
)
SPANISH = Speech(
    _words(
        """Íñigo Lucía José Sofía Álvaro Inés Ramón Belén Andrés Rocío Martín Noemí Óscar Begoña Raúl Ximena Joaquín
        Pilar"""
    ),
    _words(
        """Núñez Peña Ibáñez Muñoz Gálvez Ordóñez Quiñones Báez Cordón Escudero Zúñiga Lértora Aragón Bermúdez
        Castañeda Echeverría Logroño Sáenz Treviño Villaseñor"""
    ),
    _words("Sol Río Cumbre Olivo Norte Sierra Mar Alba"),
    _phrases("""Construcciones, Cerámicas, Talleres, Conservas, Transportes, Muebles, Suministros, Imprenta, Diseño"""),
    ("{t} {a}", "{t} {a} y {b}", "{t} Hermanos {a}", "{t} {w} {a}", "{t} {a} e Hijos"),
    ((" S.L.", " SL"), (" S.A.", " SA"), _NONE),
    ("Sr.", "Sra."),
)
POLISH = Speech(
    _words(
        """Łukasz Małgorzata Paweł Bożena Stanisław Żaneta Wojciech Grażyna Michał Ludmiła Bartłomiej Róża Krzysztof
        Iwona"""
    ),
    _words(
        """Wiśniewska Wójcik Żak Dąbek Gołąb Krzywoń Sęk Młynarz Świerk Jaźwa Kłos Pątek Rżysko Źrebiec Ślusarz
        Zając"""
    ),
    _words("Bałtyk Karpaty Wisła Mazury Tatry"),
    _phrases("Zakład Mechaniczny, Drukarnia, Hurtownia, Piekarnia, Stolarnia, Usługi Budowlane, Optyka"),
    ("{t} {a}", "{t} {a} i {b}", "{t} {w} {a}", "{t} Bracia {a}"),
    ((" Sp. z o.o.", " sp. z o.o."), (" S.A.", " SA"), _NONE),
    ("Pan", "Pani"),
)
JAPANESE = Speech(
    _words(
        """Haruto Yui Sota Aoi Ren Hina Kaito Sakura Daiki Mei Kenji Emiko Takumi Naomi Shin'ichi Jun'ko Yoko Akira"""
    ),
    _words(
        """Tanabe Kuroda Shimizu Ogawa Nagase Hirano Matsuo Fujii Kitano Sugita Morikawa Ishizaki Ozawa Uehara
        Kan'no Tachibana"""
    ),
    _words("Asahi Midori Fuji Kita Minami Sakura"),
    _phrases("Seisakusho, Shoten, Kogyo, Denki, Seiki, Kagaku, Unyu"),
    ("{a} {t}", "{w} {a} {t}", "{a} & {b} {t}", "{b} {a} {t}"),
    ((" K.K.", " KK"), (" Co., Ltd.", " Co Ltd"), _NONE),
    ("Mr.", "Ms."),
)
PORTUGUESE = Speech(
    _words(
        """João Conceição Antônio Luísa Sebastião Inês Caetano Débora Vinícius Flávia Tomé Lígia Régis Úrsula
        Estêvão Íris"""
    ),
    _words(
        """Guimarães Araújo Magalhães Falcão Brandão Simões Leitão Galvão Inácio Paixão Assunção Camões Sampaio Itú
        Brião"""
    ),
    _words("Aurora Horizonte Jatobá Maré Serra Ipê"),
    _phrases("Indústria, Comércio, Confecções, Móveis, Distribuidora, Gráfica, Alimentos"),
    ("{t} {a}", "{t} {a} e {b}", "{t} {w} {a}", "{t} Irmãos {a}"),
    ((" Ltda.", " Ltda", " LTDA"), (" S.A.", " SA"), _NONE),
    ("Sr.", "Sra."),
)
DUTCH = Speech(
    _words("Sjoerd Fenna Daniël Zoë Joost Anouk Thijs Loïs Maarten Noor Reinier Liesbeth Jasper Mariëlle"),
    _words(
        """Boshuizen Dijkgraaf Zeeman IJzerman Coöper Meulenbelt Rijnders Kuijper Vroegop Brouwer Haverkamp Stoffels"""
    ),
    _words("Molen Duin Polder Zuid Haven"),
    _phrases("Bouw, Transport, Drukwerk, Techniek, Zuivel, Meubelen, Scheepsbouw"),
    ("{a} {t}", "{a} & {b} {t}", "{w} {t} {a}", "Van 't {a} {t}"),
    ((" B.V.", " BV"), (" N.V.", " NV"), _NONE),
    ("Dhr.", "Mevr."),
)
SWEDISH = Speech(
    _words("Åsa Göran Björn Märta Örjan Annika Håkan Kerstin Sölve Britt-Marie"),
    _words("Sjöström Åkerlind Öberg Lindqvist Bäckman Håkansson Grönvall Skär Ekdahl Ångman"),
    _words("Fjäll Norrsken Skärgård Älv"),
    _phrases("Mekaniska, Trävaror, Tryckeri, Elteknik, Åkeri, Livs"),
    ("{a} {t}", "{a} & {b} {t}", "{w} {t} {a}", "Bröderna {a} {t}"),
    ((" AB", " Ab"), _NONE),
    ("Herr", "Fru"),
)

SPEECH: dict[str, Speech] = {
    "en": ENGLISH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
    "pl": POLISH,
    "ja": JAPANESE,
    "pt": PORTUGUESE,
    "nl": DUTCH,
    "sv": SWEDISH,
}

WOMEN = frozenset(
    _words(
        """Mia Ava Zoe Ruth Nora Ivy Tessa Della June Clara Esther Hazel Maeve Opal Greta Lydia Cora Paige Sylvia Lois
        Elena Keiko Priya Leila Amara Siobhán Zoë Renée Mary-Ann Käthe Anna-Lena Grete Heike Ursel Änne Marlies
        Friederike Ilse Éloïse Hélène Chloé Zoé Agnès Solène Maëlle Cécile Inès Lucía Sofía Inés Rocío Belén Noemí
        Begoña Ximena Pilar Małgorzata Bożena Żaneta Grażyna Ludmiła Róża Iwona Yui Aoi Hina Sakura Mei Emiko Naomi
        Jun'ko Yoko Conceição Luísa Inês Débora Flávia Lígia Úrsula Íris Fenna Anouk Loïs Noor Liesbeth Mariëlle Åsa
        Märta Annika Kerstin Britt-Marie"""
    )
)
"""First names, of all languages above, whose bearers are addressed as women."""

JOB_TITLES = _phrases(
    """Buyer, Accounts Payable, Head of Purchasing, Controller, Managing Director, Plant Manager, Office
        Manager, CFO, Warehouse Lead, Owner, IT Administrator, "Acting" Operations Lead, VP Supply Chain &
        Logistics, Billing, Main office"""
)
INDUSTRIES = (
    "Manufacturing",
    "Retail",
    "Healthcare",
    "Food & Beverage",
    "Construction",
    "Technology",
    "Transportation",
)

PRODUCT_QUALITIES = _words(
    """Compact Industrial Marine Stainless Cordless Heavy-Duty Insulated Modular Portable Reinforced Sealed
        Silent Slimline Twin Ultra Vertical Adjustable Brushed Ceramic Double-Walled"""
)
PRODUCT_NOUNS = _phrases(
    """Pump, Valve, Hose Reel, Lamp, Workbench, Filter, Bearing, Gasket Kit, Toolbox, Compressor, Fan, Crate,
        Clamp, Gauge, Ladder, Trolley, Regulator, Sensor, Shelf, Winch, Crème Dispenser, Café Grinder, Drill Bit
        Set, Cable Tie, Label Roll"""
)
PRODUCT_SIZES = (
    '1/2"',
    '3/4"',
    "8 bar",
    "10 m",
    "250 ml",
    "1.5 l",
    "Ø 40 mm",
    "No. 7",
    "XL",
    "A4",
    "230 V",
    "12/24 V",
    "5 µm",
)
PRODUCT_LINES = ("", "Pro", "Basic", "Plus", "Mk II", "“Blue” Series", "R&D")
WAREHOUSES = (
    ("WH-EAST", "East Coast Distribution"),
    ("WH-WEST", "West Coast Distribution"),
    ("WH-EU", "Rotterdam Überseelager"),
    ("WH-RET", "Returns & Repairs"),
    ("WH-CONS", "Consignment — O'Neill"),
    ("WH-JP", "Osaka Depot"),
)
NOTE_TOPICS = (
    ("Delivery instructions", "Use gate 4 & ring twice. Forklift on site; no deliveries after 15:00."),
    ("Payment terms", "Agreed 45 days instead of 30 (see mail from the controller)."),
    ("Visit", 'Met the buyer at the fair. Wants a quote for 20 pcs of the 3/4" valve <urgent>.'),
    ("Renewal", "Contrat à renouveler avant l'été – décision chez la direction."),
    ("Qualität", "Zwei Lieferungen beanstandet; Größe & Farbe prüfen."),
    ("Customs", "EORI number on file.\nCommercial invoice in 3 copies."),
)
