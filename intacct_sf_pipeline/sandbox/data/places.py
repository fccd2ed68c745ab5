"""Countries, cities, postal codes and telephone ranges of the generated company: data only.

Postal and telephone patterns use `#` for a digit and `@` for a capital letter. Telephone ranges are those the regulator
keeps for fiction where one exists (US/CA 555-01xx, the drama ranges of GB, DE, FR, AU and SE); the other countries get
numbers built around 555 that a phone parser accepts. A leading `0` of a national number is the trunk prefix.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A city with its state (code and name, or None) and the patterns of its postal codes and telephone numbers."""

    name: str
    state: str | None
    state_name: str | None
    postal: str
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A country: ISO code, the spellings people type, calling code, language of its names, streets and cities."""

    code: str
    spellings: tuple[str, ...]
    calling_code: str
    language: str
    weight: int
    streets: tuple[str, ...]
    mobiles: tuple[str, ...]
    cities: tuple[City, ...]

    @property
    def name(self) -> str:
        """The English name."""
        return self.spellings[0]


def _streets(text: str) -> tuple[str, ...]:
    return tuple(street.strip() for street in text.split(";"))


def _city(name: str, state: str | None, state_name: str | None, postal: str, *phones: str) -> City:
    return City(name, state, state_name, postal, phones)


_ENGLISH_STREETS = _streets(
    """{n} Main Street; {n} Harbour Road; {n} Mill Lane; {n} St. Mary's Road; {n} Orchard Avenue; {n} Old
    Foundry Way; {n} Quayside; {n} Chestnut Drive"""
)
_SPANISH_STREETS = _streets(
    """Calle Mayor {n}; Avenida de la Constitución {n}; Calle Nuñez {n}; Paseo del Río {n}; Calle del Álamo
    {n}"""
)

COUNTRIES: tuple[Country, ...] = (
    Country(
        "US",
        ("United States", "USA", "US", "United States of America"),
        "1",
        "en",
        38,
        _ENGLISH_STREETS,
        (),
        (
            _city("San Francisco", "CA", "California", "941##", "(415) 555-01##"),
            _city("Los Angeles", "CA", "California", "900##", "(213) 555-01##", "(323) 555-01##"),
            _city("New York", "NY", "New York", "100##", "(212) 555-01##", "(646) 555-01##"),
            _city("Buffalo", "NY", "New York", "142##", "(716) 555-01##"),
            _city("Austin", "TX", "Texas", "787##", "(512) 555-01##"),
            _city("Houston", "TX", "Texas", "770##", "(713) 555-01##", "(281) 555-01##"),
            _city("Chicago", "IL", "Illinois", "606##", "(312) 555-01##", "(773) 555-01##"),
            _city("Boston", "MA", "Massachusetts", "021##", "(617) 555-01##"),
            _city("Portland", "OR", "Oregon", "972##", "(503) 555-01##"),
            _city("Seattle", "WA", "Washington", "981##", "(206) 555-01##"),
            _city("Denver", "CO", "Colorado", "802##", "(303) 555-01##"),
            _city("Miami", "FL", "Florida", "331##", "(305) 555-01##"),
            _city("Atlanta", "GA", "Georgia", "303##", "(404) 555-01##"),
            _city("Winston-Salem", "NC", "North Carolina", "271##", "(336) 555-01##"),
        ),
    ),
    Country(
        "CA",
        ("Canada", "CA", "CANADA"),
        "1",
        "en",
        8,
        (*_ENGLISH_STREETS, "{n} Rue Saint-Étienne"),
        (),
        (
            _city("Toronto", "ON", "Ontario", "M5V #@#", "(416) 555-01##", "(647) 555-01##"),
            _city("Vancouver", "BC", "British Columbia", "V6B #@#", "(604) 555-01##"),
            _city("Montréal", "QC", "Québec", "H2Y #@#", "(514) 555-01##"),
            _city("Calgary", "AB", "Alberta", "T2P #@#", "(403) 555-01##"),
        ),
    ),
    Country(
        "GB",
        ("United Kingdom", "UK", "Great Britain", "GB"),
        "44",
        "en",
        12,
        _ENGLISH_STREETS,
        (),
        (
            _city("London", None, None, "EC1A #@@", "020 7946 0###"),
            _city("Leeds", None, None, "LS1 #@@", "0113 496 0###"),
            _city("Bristol", None, None, "BS1 #@@", "0117 496 0###"),
            _city("Manchester", None, None, "M2 #@@", "0161 496 0###"),
            _city("Edinburgh", None, None, "EH1 #@@", "0131 496 0###"),
            _city("Cardiff", None, None, "CF10 #@@", "029 2018 0###"),
            _city("Belfast", None, None, "BT1 #@@", "028 9649 6###"),
        ),
    ),
    Country(
        "DE",
        ("Germany", "Deutschland", "DE", "GERMANY"),
        "49",
        "de",
        9,
        _streets("Hauptstraße {n}; Münchner Straße {n}; Am Alten Hafen {n}; Königsallee {n}; Gerberweg {n}"),
        ("0171 39200##", "0176 040690##"),
        (
            _city("Berlin", None, None, "101##", "030 23125###"),
            _city("Frankfurt am Main", None, None, "603##", "069 90009###"),
            _city("Hamburg", None, None, "203##", "040 66969###"),
            _city("Köln", None, None, "506##", "0221 4710###"),
            _city("München", None, None, "803##", "089 99998###"),
        ),
    ),
    Country(
        "FR",
        ("France", "FR", "FRANCE"),
        "33",
        "fr",
        7,
        _streets(
            "{n} rue de l'Église; {n} avenue de la République; {n} boulevard des Frères-Lumière; {n} quai d'Austerlitz"
        ),
        (),
        (
            _city("Paris", None, None, "750##", "01 99 00 ## ##"),
            _city("Nantes", None, None, "440##", "02 61 91 ## ##"),
            _city("Besançon", None, None, "250##", "03 53 01 ## ##"),
            _city("Lyon", None, None, "690##", "04 65 71 ## ##"),
            _city("Toulouse", None, None, "310##", "05 36 49 ## ##"),
        ),
    ),
    Country(
        "ES",
        ("Spain", "España", "ES"),
        "34",
        "es",
        5,
        _SPANISH_STREETS,
        ("600 555 0##",),
        (
            _city("Madrid", None, None, "280##", "915 55 0# ##"),
            _city("Barcelona", None, None, "080##", "935 55 0# ##"),
            _city("Málaga", None, None, "290##", "952 55 0# ##"),
            _city("A Coruña", None, None, "150##", "981 55 0# ##"),
        ),
    ),
    Country(
        "PL",
        ("Poland", "Polska", "PL"),
        "48",
        "pl",
        4,
        _streets("ul. Świętokrzyska {n}; ul. Długa {n}; al. Niepodległości {n}; ul. Łąkowa {n}"),
        ("600 555 0##",),
        (
            _city("Warszawa", None, None, "00-###", "22 555 0# ##"),
            _city("Kraków", None, None, "31-###", "12 555 0# ##"),
            _city("Łódź", None, None, "90-###", "42 555 0# ##"),
            _city("Gdańsk", None, None, "80-###", "58 555 0# ##"),
        ),
    ),
    Country(
        "JP",
        ("Japan", "JP", "JAPAN"),
        "81",
        "ja",
        4,
        _streets("{n}-4 Marunouchi; {n}-12 Shinsaibashi-suji; {n}-7 Ginza, Chuo-ku; {n}-2 Sakae, Naka-ku"),
        ("090-5555-0###",),
        (
            _city("Tokyo", None, None, "104-00##", "03-5555-0###"),
            _city("Osaka", None, None, "542-00##", "06-6555-0###"),
            _city("Nagoya", None, None, "460-00##", "052-555-0###"),
        ),
    ),
    Country(
        "BR",
        ("Brazil", "Brasil", "BR"),
        "55",
        "pt",
        4,
        _streets("Rua das Flores, {n}; Avenida São João, {n}; Rua Conceição, {n}; Travessa do Açude, {n}"),
        ("(11) 95555-0###",),
        (
            _city("São Paulo", "SP", "São Paulo", "013##-###", "(11) 5555-0###"),
            _city("Rio de Janeiro", "RJ", "Rio de Janeiro", "200##-###", "(21) 3555-0###"),
            _city("Florianópolis", "SC", "Santa Catarina", "880##-###", "(48) 3555-0###"),
        ),
    ),
    Country(
        "MX",
        ("Mexico", "México", "MX"),
        "52",
        "es",
        3,
        _SPANISH_STREETS,
        (),
        (
            _city("Ciudad de México", "CMX", "Ciudad de México", "060##", "55 5555 0###"),
            _city("Guadalajara", "JAL", "Jalisco", "441##", "33 3555 0###"),
            _city("Mérida", "YUC", "Yucatán", "970##", "999 555 0###"),
        ),
    ),
    Country(
        "IE",
        ("Ireland", "IE", "IRELAND"),
        "353",
        "en",
        2,
        _ENGLISH_STREETS,
        (),
        (
            _city("Dublin", None, None, "D02 @@##", "01 555 0###"),
            _city("Cork", None, None, "T12 @@##", "021 555 0###"),
            _city("Dún Laoghaire", None, None, "A96 @@##", "01 555 0###"),
        ),
    ),
    Country(
        "NL",
        ("Netherlands", "Nederland", "NL", "The Netherlands"),
        "31",
        "nl",
        3,
        _streets("Keizersgracht {n}; Burgemeester Van 't Hoffstraat {n}; Coöperatieweg {n}; Oude Haven {n}"),
        ("06 555010##",),
        (
            _city("Amsterdam", None, None, "1016 @@", "020 555 0###"),
            _city("Rotterdam", None, None, "3011 @@", "010 555 0###"),
            _city("'s-Hertogenbosch", None, None, "5211 @@", "073 555 0###"),
        ),
    ),
    Country(
        "AU",
        ("Australia", "AU", "AUSTRALIA"),
        "61",
        "en",
        3,
        _ENGLISH_STREETS,
        ("0491 570 0##",),
        (
            _city("Sydney", "NSW", "New South Wales", "20##", "02 5550 ####"),
            _city("Melbourne", "VIC", "Victoria", "30##", "03 7010 ####"),
            _city("Brisbane", "QLD", "Queensland", "40##", "07 5550 ####"),
        ),
    ),
    Country(
        "SE",
        ("Sweden", "Sverige", "SE"),
        "46",
        "sv",
        2,
        _streets("Storgatan {n}; Västra Hamngatan {n}; Björkvägen {n}"),
        (),
        (
            _city("Stockholm", None, None, "111 ##", "08-465 00# ##"),
            _city("Göteborg", None, None, "411 ##", "031-740 60 ##"),
        ),
    ),
)
