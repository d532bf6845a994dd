"""Where the fleet stands: lines of business, regions, cities, and the names of sites in them.

Invariant: plain facts, no chance; offsets are standard time, so no time zone database is needed.
"""

from typing import NamedTuple


class City(NamedTuple):
    """A city with its position in degrees and its standard time, in minutes east of UTC."""

    name: str
    code: str
    region: str
    latitude: float
    longitude: float
    timezone: str
    offset: int


class Line(NamedTuple):
    """A line of business: what its sites are called and which departments they have."""

    name: str
    code: str
    site: str
    suffixes: tuple[str, ...]
    departments: tuple[str, ...]
    roles: tuple[str, ...]


CITIES = (
    City("Berlin", "BER", "Central Europe", 52.5200, 13.4050, "Europe/Berlin", 60),
    City("Hamburg", "HAM", "Central Europe", 53.5511, 9.9937, "Europe/Berlin", 60),
    City("Munich", "MUC", "Central Europe", 48.1351, 11.5820, "Europe/Berlin", 60),
    City("Vienna", "VIE", "Central Europe", 48.2082, 16.3738, "Europe/Vienna", 60),
    City("Zürich", "ZRH", "Central Europe", 47.3769, 8.5417, "Europe/Zurich", 60),
    City("London", "LON", "British Isles", 51.5074, -0.1278, "Europe/London", 0),
    City("Manchester", "MAN", "British Isles", 53.4808, -2.2426, "Europe/London", 0),
    City("Dublin", "DUB", "British Isles", 53.3498, -6.2603, "Europe/Dublin", 0),
    City("Madrid", "MAD", "Southern Europe", 40.4168, -3.7038, "Europe/Madrid", 60),
    City("Barcelona", "BCN", "Southern Europe", 41.3874, 2.1686, "Europe/Madrid", 60),
    City("Milan", "MIL", "Southern Europe", 45.4642, 9.1900, "Europe/Rome", 60),
    City("New York", "NYC", "US East", 40.7128, -74.0060, "America/New_York", -300),
    City("Boston", "BOS", "US East", 42.3601, -71.0589, "America/New_York", -300),
    City("Atlanta", "ATL", "US East", 33.7490, -84.3880, "America/New_York", -300),
    City("Chicago", "CHI", "US Central", 41.8781, -87.6298, "America/Chicago", -360),
    City("Dallas", "DFW", "US Central", 32.7767, -96.7970, "America/Chicago", -360),
    City("Denver", "DEN", "US West", 39.7392, -104.9903, "America/Denver", -420),
    City("Seattle", "SEA", "US West", 47.6062, -122.3321, "America/Los_Angeles", -480),
    City("San Diego", "SAN", "US West", 32.7157, -117.1611, "America/Los_Angeles", -480),
    City("Bengaluru", "BLR", "India", 12.9716, 77.5946, "Asia/Kolkata", 330),
    City("Mumbai", "BOM", "India", 19.0760, 72.8777, "Asia/Kolkata", 330),
    City("Pune", "PNQ", "India", 18.5204, 73.8567, "Asia/Kolkata", 330),
    City("Singapore", "SIN", "Asia Pacific", 1.3521, 103.8198, "Asia/Singapore", 480),
    City("Tokyo", "TYO", "Asia Pacific", 35.6762, 139.6503, "Asia/Tokyo", 540),
    City("Sydney", "SYD", "Asia Pacific", -33.8688, 151.2093, "Australia/Sydney", 600),
)

LINES = (
    Line(
        "Retail",
        "RT",
        "Store",
        ("Market Square", "Station", "Riverside", "Old Town", "North Mall", "Harbour", "University", "Airport"),
        ("Checkout", "Stock room", "Click and collect", "Customer kiosks"),
        ("Checkout", "Price check", "Stock take", "Self-service kiosk", "Shelf label"),
    ),
    Line(
        "Logistics",
        "LG",
        "Depot",
        ("East", "West", "Ring Road", "Freight Yard", "Canal", "Airport Cargo"),
        ("Loading dock", "Picking", "Returns", "Drivers"),
        ("Forklift", "Dock door", "Picker", "Driver handheld", "Gate"),
    ),
    Line(
        "Hospitals",
        "HO",
        "Hospital",
        ("St. Mary", "City Clinic", "Children's", "General", "Heart Centre"),
        ("Emergency", "Ward 1", "Ward 2", "Pharmacy"),
        ("Nurse station", "Bedside tablet", "Medication cart", "Reception", "Lab"),
    ),
)
