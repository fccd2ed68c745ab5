"""Names of places that the ISO tables lack: what people write for countries and states. Data only."""

from __future__ import annotations

from collections.abc import Mapping

COUNTRY_ALIASES: Mapping[str, str] = {
    "USA": "US", "U.S.": "US", "U.S. of A.": "US", "America": "US", "Estados Unidos de América": "US",
    "Etats-Unis d'Amérique": "US", "UK": "GB", "U.K.": "GB", "Great Britain": "GB", "Britain": "GB", "England": "GB",
    "Scotland": "GB", "Wales": "GB", "Northern Ireland": "GB", "United Kingdom of Great Britain": "GB",
    "Holland": "NL", "Eire": "IE", "Republic of Ireland": "IE", "Czech Republic": "CZ", "Korea": "KR",
    "Republic of Korea": "KR", "South Korea": "KR", "S. Korea": "KR", "North Korea": "KP", "Russia": "RU",
    "Vietnam": "VN", "Laos": "LA", "Brunei": "BN", "Syria": "SY", "Iran": "IR", "Moldova": "MD", "Tanzania": "TZ",
    "Bolivia": "BO", "Venezuela": "VE", "Taiwan": "TW", "Taiwan R.O.C.": "TW", "P.R. China": "CN", "PRC": "CN",
    "PR China": "CN", "Mainland China": "CN", "Hong Kong SAR": "HK", "Macau": "MO", "Macao SAR": "MO",
    "Ivory Coast": "CI", "Cote d'Ivoire": "CI", "Cape Verde": "CV", "Swaziland": "SZ", "Burma": "MM",
    "East Timor": "TL", "Macedonia": "MK", "Turkey": "TR", "Turkiye": "TR", "Vatican": "VA", "Vatican City": "VA",
    "Holy See": "VA", "Palestine": "PS", "Micronesia": "FM", "UAE": "AE", "U.A.E.": "AE", "Emirates": "AE",
    "KSA": "SA", "DR Congo": "CD", "DRC": "CD", "Democratic Republic of Congo": "CD", "Congo-Kinshasa": "CD",
    "Congo-Brazzaville": "CG", "Republic of the Congo": "CG", "British Virgin Islands": "VG", "BVI": "VG",
    "US Virgin Islands": "VI", "Virgin Islands US": "VI", "Falkland Islands": "FK", "Cocos Islands": "CC",
    "Saint Martin": "MF", "Sint Maarten": "SX", "EL": "GR", "Hellas": "GR", "Hellenic Republic": "GR",
    "Kosovo": "XK", "XK": "XK", "XKX": "XK", "Brasil": "BR", "México": "MX", "España": "ES", "Deutschland": "DE",
    "BRD": "DE", "Österreich": "AT", "Schweiz": "CH", "Suisse": "CH", "Svizzera": "CH", "Italia": "IT",
    "Nederland": "NL", "Belgique": "BE", "België": "BE", "Polska": "PL", "Sverige": "SE", "Россия": "RU",
    "Norge": "NO", "Danmark": "DK", "Suomi": "FI", "Magyarország": "HU", "Česko": "CZ", "Česká republika": "CZ",
    "Slovensko": "SK", "Aotearoa": "NZ", "日本": "JP", "Nippon": "JP", "中国": "CN", "대한민국": "KR", "臺灣": "TW",
    "台灣": "TW",
}  # fmt: skip
"""Other names and abbreviations of countries, by ISO code; case, accents, dots and spaces make no difference."""

COUNTRY_DISPLAY: Mapping[str, str] = {
    "BN": "Brunei", "CC": "Cocos Islands", "CD": "Democratic Republic of the Congo", "CG": "Republic of the Congo",
    "FK": "Falkland Islands", "FM": "Micronesia", "MF": "Saint Martin", "PS": "Palestine", "RU": "Russia",
    "SX": "Sint Maarten", "VA": "Vatican City", "VG": "British Virgin Islands", "VI": "U.S. Virgin Islands",
    "XK": "Kosovo",
}  # fmt: skip
"""Common English names where the ISO table has none."""

STATE_ALIASES: Mapping[str, Mapping[str, str]] = {
    "US": {
        "Ala": "AL", "Ariz": "AZ", "Ark": "AR", "Calif": "CA", "Cal": "CA", "Colo": "CO", "Conn": "CT", "Del": "DE",
        "Fla": "FL", "Ill": "IL", "Ind": "IN", "Kan": "KS", "Kans": "KS", "Mass": "MA", "Mich": "MI", "Minn": "MN",
        "Miss": "MS", "Mont": "MT", "Neb": "NE", "Nebr": "NE", "Nev": "NV", "N Mex": "NM", "N Dak": "ND",
        "Okla": "OK", "Ore": "OR", "Oreg": "OR", "Penn": "PA", "Penna": "PA", "S Dak": "SD", "Tenn": "TN",
        "Tex": "TX", "Wash": "WA", "Wash DC": "DC", "Washington DC": "DC", "W Va": "WV", "Wis": "WI", "Wisc": "WI",
        "Wyo": "WY",
    },
    "CA": {
        "Alta": "AB", "Man": "MB", "Nfld": "NL", "Newfoundland": "NL", "Ont": "ON", "PEI": "PE", "Que": "QC",
        "PQ": "QC", "Sask": "SK",
    },
    "AU": {"Vic": "VIC", "Qld": "QLD", "Tas": "TAS"},
    "MX": {"CDMX": "CMX", "DF": "CMX", "Distrito Federal": "CMX", "Mexico City": "CMX", "Edomex": "MEX", "NL": "NLE"},
    "DE": {"Bavaria": "BY", "Saxony": "SN", "Hesse": "HE", "Lower Saxony": "NI", "North Rhine-Westphalia": "NW"},
}  # fmt: skip
"""Customary abbreviations and English names of states, by country and subdivision code."""

POSTAL_SHAPES: Mapping[str, tuple[str, str]] = {
    "BR": (r"(\d{5})(\d{3})", "-"),
    "CA": (r"([A-Z]\d[A-Z])(\d[A-Z]\d)", " "),
    "CZ": (r"(\d{3})(\d{2})", " "),
    "GB": (r"([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})", " "),
    "GR": (r"(\d{3})(\d{2})", " "),
    "IE": (r"([A-Z]\d[\dW])([A-Z\d]{4})", " "),
    "JP": (r"(\d{3})(\d{4})", "-"),
    "NL": (r"(\d{4})([A-Z]{2})", " "),
    "PL": (r"(\d{2})(\d{3})", "-"),
    "PT": (r"(\d{4})(\d{3})", "-"),
    "SE": (r"(\d{3})(\d{2})", " "),
    "SK": (r"(\d{3})(\d{2})", " "),
    "US": (r"(\d{5})(\d{4})", "-"),
}
"""Where the separator of a postal code carries no meaning: the two parts, and what the post office puts between."""
