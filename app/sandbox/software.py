"""What the fleet runs: the tenant's app library, and the words that devices are labelled with.

Invariant: plain facts, no chance; the order of every tuple is fixed, because ids are derived from it.
"""

from typing import NamedTuple


class App(NamedTuple):
    """An app of the library. `versions` are (version code, build number), oldest first; `share` of Android devices."""

    name: str
    package: str
    developer: str
    category: str
    kind: str
    versions: tuple[tuple[str, str], ...]
    share: float
    size: float


APPS = (
    App("Kiosk Home", "com.example.kiosk", "Example Retail", "Business", "ENTERPRISE", (("2.8.0", "280"), ("2.9.1", "291"), ("3.0.0", "300"), ("3.1.4", "314")), 0.55, 24.1),
    App("Point of Sale", "com.example.pos", "Example Retail", "Business", "ENTERPRISE", (("11.2.0", "1120"), ("11.3.0", "1130"), ("11.4.2", "1142"), ("12.0.0", "1200"), ("12.0.1", "1201")), 0.42, 61.7),
    App("Stock Count", "com.example.stockcount", "Example Retail", "Productivity", "ENTERPRISE", (("4.0.3", "403"), ("4.1.0", "410")), 0.38, 18.3),
    App("Price Check", "com.example.pricecheck", "Example Retail", "Shopping", "ENTERPRISE", (("1.6.0", "160"), ("1.7.0", "170"), ("1.7.2", "172")), 0.24, 9.4),
    App("Driver Route", "com.example.route", "Example Logistics", "Maps and navigation", "ENTERPRISE", (("6.0.0", "600"), ("6.1.0", "610"), ("6.2.0", "620")), 0.21, 44.0),
    App("Proof of Delivery", "com.example.delivery", "Example Logistics", "Business", "ENTERPRISE", (("3.3.1", "331"), ("3.4.0", "340")), 0.19, 27.5),
    App("Dock Scanner", "com.example.dockscan", "Example Logistics", "Productivity", "ENTERPRISE", (("2.0.0", "200"),), 0.17, 12.2),
    App("Bedside", "com.example.bedside", "Example Health", "Medical", "ENTERPRISE", (("5.5.0", "550"), ("5.6.0", "560"), ("5.6.1", "561")), 0.16, 33.9),
    App("Medication Rounds", "com.example.medrounds", "Example Health", "Medical", "ENTERPRISE", (("1.2.0", "120"), ("1.3.0", "130")), 0.12, 21.0),
    App("Time Clock", "com.example.timeclock", "Example Group", "Business", "ENTERPRISE", (("8.0.0", "800"), ("8.1.0", "810"), ("8.2.0", "820")), 0.34, 7.8),
    App("Team Chat", "com.example.teamchat", "Example Group", "Communication", "ENTERPRISE", (("10.4.0", "1040"), ("10.5.0", "1050")), 0.31, 52.6),
    App("Network Tester", "io.shoonya.networktester", "Esper", "Tools", "ENTERPRISE", (("1.1.0", "110"), ("1.2.0", "120")), 0.15, 5.2),
    App("Esper Files", "io.shoonya.files", "Esper", "Tools", "ENTERPRISE", (("2.3.0", "230"),), 0.22, 6.9),
    App("Web Browser", "com.example.browser", "Example Group", "Communication", "GOOGLE", (("128.0", "6613"), ("129.0", "6668"), ("130.0", "6723")), 0.60, 98.3),
)  # fmt: skip

PERMISSIONS = (
    "android.permission.INTERNET", "android.permission.ACCESS_NETWORK_STATE", "android.permission.CAMERA",
    "android.permission.ACCESS_FINE_LOCATION", "android.permission.RECORD_AUDIO", "android.permission.VIBRATE",
)  # fmt: skip


class TenantApp(NamedTuple):
    """An app for Apple or Windows devices. `versions` are oldest first."""

    platform: str
    kind: str
    name: str
    package: str
    versions: tuple[str, ...]


TENANT_APPS = (
    TenantApp("APPLE", "VPP", "Mail for Business", "com.example.mail", ("4.2309.0", "4.2311.1")),
    TenantApp("APPLE", "TENANT_IOS", "Example Sales", "com.example.sales", ("2.0.0", "2.1.0", "2.1.3")),
    TenantApp("APPLE", "ESPER_IOS", "Esper Agent", "io.esper.agent.ios", ("1.14.0", "1.15.2")),
    TenantApp("APPLE", "WEBCLIP", "Store handbook", "com.example.handbook.webclip", ("1",)),
    TenantApp("WINDOWS", "ESPER_WINDOWS", "Esper Agent", "io.esper.agent.windows", ("1.6.0", "1.7.1")),
    TenantApp("WINDOWS", "TENANT_WINDOWS", "Example Back Office", "com.example.backoffice", ("9.0.2", "9.1.0")),
)

TAGS = (
    "checkout", "kiosk", "spare", "front of house", "back office", "cold storage", "loaner", "pilot", "rugged", "seasonal",
    "night shift", "vip", "repair", "retired soon", "training", "demo", "warehouse", "pharmacy", "café", "4G only",
)  # fmt: skip

TEMPLATES = ("Retail kiosk", "Retail handheld", "Depot scanner", "Hospital tablet", "Office default")
POLICIES = ("Standard", "Locked-down kiosk", "Shared device", "Hospital strict")
BLUEPRINTS = ("Store tablets", "Store handhelds", "Depot scanners", "Bedside tablets", "Head office", "Pilot ring")
AGENTS = ("7.10.2150", "7.12.2312", "8.0.2401", "8.2.2487", "8.5.2533")
FOUNDATIONS = ("11.4.0", "12.1.2", "13.0.0")
PATCHES = ("2024-03-05", "2024-08-01", "2024-11-05", "2025-01-05", "2025-03-01", "2025-05-01")
OPERATORS = ("Vodafone", "T-Mobile", "AT&T", "Telefónica", "Airtel", "Jio", "Orange", "Singtel")
NETWORKS = ("Store-5G", "Store-IoT", "Depot-Main", "Depot, Yard", "Clinic-Secure", "Guest", "Office", "Café ☕")

HOSTILE_NAMES = (
    "=SUM(A1)",
    "<b>bold</b>",
    "<img src=x onerror=alert(1)>",
    "She said \"reboot\", then \\n and 'quit'",
    "مرحبا بالعالم ١٢",
    "שלום tablet 7",
    "🚀🏬 Kiosk 👩‍⚕️",
    "A very long device name that goes on and on because somebody pasted a whole sentence into the name field and then "
    "pasted it again, so that every column, tooltip and dialog has to cope with more text than it has room for, 2019-2025",
    "-2+3+cmd|' /C calc'!A0",
    "%s %d {0} $HOME &amp; &lt;",
    "  spaces   inside and at the ends  ",
    "tab\there; comma, semicolon; pipe|",
    "Ⅷ ﬁne Åland ÑANDÚ straße İstanbul",
)
