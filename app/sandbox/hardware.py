"""What the fleet is made of: device models of four platforms and their operating systems.

Invariant: plain facts, no chance; sizes are MB of RAM and GB of storage.
"""

from typing import NamedTuple


class Model(NamedTuple):
    """A device model. `weight` is its share of the fleet, relative to the others; `kind` goes into device names."""

    platform: str
    brand: str
    manufacturer: str
    model: str
    kind: str
    os: str
    os_versions: tuple[str, ...]
    chip: str
    ram: int
    storage: int
    sim: bool
    gms: bool
    weight: float


_A, _I, _L, _W = "ANDROID", "APPLE", "LINUX", "WINDOWS"

MODELS = (
    Model(_A, "samsung", "Samsung", "SM-X300", "TAB", "Android", ("14", "15"), "s5e8825", 6144, 128, True, True, 13),
    Model(_A, "samsung", "Samsung", "SM-X210", "TAB", "Android", ("13", "14"), "ums512", 4096, 64, False, True, 11),
    Model(_A, "samsung", "Samsung", "SM-G736B", "PHN", "Android", ("13", "14"), "sm7325", 6144, 128, True, True, 9),
    Model(_A, "samsung", "Samsung", "SM-A155F", "PHN", "Android", ("14",), "mt6789", 4096, 128, True, True, 6),
    Model(_A, "Zebra", "Zebra Technologies", "TC58", "SCN", "Android", ("11", "13"), "qcm6490", 8192, 128, True, True, 10),
    Model(_A, "Zebra", "Zebra Technologies", "TC52x", "SCN", "Android", ("10", "11"), "sdm660", 4096, 32, False, True, 8),
    Model(_A, "Zebra", "Zebra Technologies", "ET45", "TAB", "Android", ("11", "13"), "sm6375", 4096, 64, True, True, 4),
    Model(_A, "Honeywell", "Honeywell", "CT45", "SCN", "Android", ("11", "12"), "sm6125", 4096, 64, True, True, 6),
    Model(_A, "Honeywell", "Honeywell", "CT60", "SCN", "Android", ("8.1.0", "9"), "sdm660", 3072, 32, True, True, 2),
    Model(_A, "SUNMI", "SUNMI", "V2s", "POS", "Android", ("11",), "mt6765", 3072, 32, True, False, 5),
    Model(_A, "Elo", "Elo Touch Solutions", "I-Series 4", "KSK", "Android", ("10", "12"), "qcs6125", 4096, 64, False, True, 4),
    Model(_A, "Lenovo", "LENOVO", "TB330FU", "TAB", "Android", ("13", "14"), "mt6769", 4096, 128, False, True, 5),
    Model(_A, "google", "Google", "Pixel 8", "PHN", "Android", ("15", "16"), "zuma", 8192, 128, True, True, 2),
    Model(_A, "Urovo", "Urovo", "DT50S", "SCN", "Android", ("9", "11"), "sdm450", 4096, 64, True, False, 2),
    Model(_I, "Apple", "Apple", "iPad (10th generation)", "TAB", "iPadOS", ("17.6", "18.1"), "A14", 4096, 64, False, False, 4),
    Model(_I, "Apple", "Apple", "iPhone 14", "PHN", "iOS", ("17.6", "18.1"), "A15", 6144, 128, True, False, 2),
    Model(_L, "Raspberry Pi", "Raspberry Pi Ltd", "Raspberry Pi 5", "BOX", "Ubuntu", ("22.04", "24.04"), "bcm2712", 8192, 64, False, False, 3),
    Model(_L, "Intel", "Intel", "NUC 13 Pro", "BOX", "Ubuntu", ("22.04", "24.04"), "i5-1340P", 16384, 256, False, False, 1),
    Model(_W, "Microsoft", "Microsoft Corporation", "Surface Go 4", "TAB", "Windows", ("10.0.22631", "10.0.26100"), "N200", 8192, 128, False, False, 2),
    Model(_W, "Dell", "Dell Inc.", "Latitude 7350", "PC", "Windows", ("10.0.22631", "10.0.26100"), "Ultra 5", 16384, 512, False, False, 1),
)  # fmt: skip

API_LEVELS = {"8.1.0": 27, "9": 28, "10": 29, "11": 30, "12": 31, "13": 33, "14": 34, "15": 35, "16": 36}
