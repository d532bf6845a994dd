"""Every argument of the catalogue, once. Sources: 002_762415650b782e7a.txt; limits that it leaves open are the contract's."""

from app.commands.arguments import Argument, Choice, Kind, Picker

_DOTTED = r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+"
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_IPV4 = r"((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"


def _choices(*pairs: tuple[str | int, str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, label) for value, label in pairs)


def _flag(name: str, label: str, help_: str, default: bool | None = None) -> Argument:
    return Argument(name, label, help_, Kind.BOOLEAN, default=default)


def _address(name: str, label: str, help_: str) -> Argument:
    return Argument(name, label, help_, pattern=_IPV4, hint="192.168.1.10")


PACKAGE = Argument(
    "package_name", "App", "Application id of the app to act on, such as com.example.kiosk.",
    max_length=255, pattern=_DOTTED, hint="com.example.kiosk", picker=Picker.PACKAGE,
)  # fmt: skip
APP_VERSION = Argument(
    "app_version", "App version", "The uploaded version to install.", uuid=True, picker=Picker.APP_VERSION
)
WIFI_ACCESS_POINTS = Argument(
    "wifi_access_points", "Wi-Fi networks", "Access point data: networks to add, or names to drop.",
    Kind.STRUCTURE, secret=True,
)  # fmt: skip
CUSTOM_SETTINGS = Argument(
    "custom_settings_config", "Extra settings", "Free-form JSON of extra settings or managed app configuration.",
    Kind.OBJECT,
)  # fmt: skip
IS_CONVERGE = _flag("is_converge", "Part of a converge", "Marks the command as part of a converge action.")
CERT_FILE_TYPE = Argument(
    "cert_file_type", "File type", "Type of the certificate file.", choices=_choices(("pkcs12", "PKCS#12 bundle"))
)
CERT_DATA = Argument(
    "cert_data_base64", "Certificate", "The certificate file, base64.", secret=True, min_length=4,
    pattern=_BASE64, hint="base64 text",
)  # fmt: skip
CERT_ALIAS = Argument("cert_alias_name", "Alias", "Name of the certificate in the key store.", min_length=1)
CERT_STORAGE = Argument(
    "cert_storage_type", "Key store", "Key store to use.", choices=_choices(("system", "System key store"))
)
CERT_PASSWORD = Argument("cert_password", "Password", "Password of the certificate file.", secret=True, min_length=1)
GRANT_STATE = Argument(
    "grant_state", "Decision", "What to decide for the permission.",
    choices=_choices(
        ("PERMISSION_GRANT_STATE_DEFAULT", "Default"),
        ("PERMISSION_GRANT_STATE_DENIED", "Denied"),
        ("PERMISSION_GRANT_STATE_GRANTED", "Granted"),
    ),
)  # fmt: skip
PERMISSION = Argument(
    "permission", "Permission", "Android permission name.", pattern=_DOTTED, hint="android.permission.CAMERA"
)
APP_STATE = Argument(
    "app_state", "Visibility", "Visibility to give the app. Launchable but hidden needs agent 8.5 or later.",
    choices=_choices(
        ("SHOW", "Show: visible and usable"),
        ("HIDE", "Hide"),
        ("DISABLE", "Disable"),
        ("LAUNCHABLE_BUT_HIDDEN", "Launchable but hidden: not on the home screen, other apps can open it"),
    ),
)  # fmt: skip
BLUETOOTH = _flag("bluetooth_state", "Bluetooth", "On turns Bluetooth on.")
BRIGHTNESS = Argument(
    "brightness_value", "Brightness", "Screen brightness in percent.", Kind.INTEGER, minimum=1, maximum=100, unit="%"
)
LOCKDOWN = Argument(
    "state", "Lockdown", "Wanted lockdown state.", choices=_choices(("LOCKED", "Locked down"), ("UNLOCKED", "Released"))
)
MESSAGE = Argument("message", "Message", "Text shown on the device.", min_length=1, picker=Picker.LONG_TEXT)
GPS = Argument(
    "gps_state", "Location mode", "Location mode.", Kind.INTEGER,
    choices=_choices(
        (0, "High accuracy"), (1, "Device sensors only"), (2, "Battery saving"), (3, "Location off"), (4, "Location on")
    ),
)  # fmt: skip
POLICY_URL = Argument("policy_url", "Policy", "Address of the compliance policy.", uri=True)
ROTATION = Argument(
    "rotate_state", "Orientation", "Screen orientation.", Kind.INTEGER,
    choices=_choices((0, "Automatic"), (1, "Portrait only"), (2, "Landscape only")),
)  # fmt: skip
SCREEN_OFF = Argument(
    "screen_off_timeout", "Screen timeout", "Idle time before the screen turns off.", Kind.INTEGER,
    minimum=5000, maximum=1_800_000, specials=_choices((-1, "No timeout")), unit="ms",
)  # fmt: skip
STREAM = Argument(
    "stream", "Volume of", "Which volume to change.", Kind.INTEGER,
    choices=_choices((0, "Ring"), (1, "Notification"), (2, "Alarm"), (3, "Music")),
)  # fmt: skip
VOLUME = Argument("volume_level", "Volume", "Volume in percent.", Kind.INTEGER, minimum=0, maximum=100, unit="%")
TIMEZONE = Argument(
    "timezone_string", "Time zone", "IANA zone name.", pattern=r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+)*",
    hint="Asia/Kolkata",
)  # fmt: skip
WIFI = _flag("wifi_state", "Wi-Fi", "Off may cut the device off from the server.")
WIFI_REVERT = Argument(
    "wifi_revert_timeout", "Undo after", "Delay after which the change is undone. The server does not state the unit.",
    Kind.INTEGER, minimum=1,
)  # fmt: skip
DEVICE_ALIAS = Argument(
    "device_alias_name", "Alias", "Friendly name to show for the device.", min_length=1, max_length=255
)
FACTORY_RESET = _flag(
    "is_factory_reset", "Factory reset", "On erases and unenrols, off only unenrols. Windows devices need a choice."
)
WIPE_EXTERNAL = _flag("wipe_external_storage", "Wipe external storage", "Also erase external storage (Android).", False)
WIPE_FRP = _flag("wipe_FRP", "Clear factory reset protection", "Also clear factory reset protection (Android).", True)
NEW_PASSWORD = Argument(
    "new_lockscreen_password", "New password", "New lock screen password.", secret=True, min_length=1
)
APPLY_ALL = _flag("apply_all", "Apply all", "Apply every section of the blueprint.")
BLUEPRINT_REVISION = Argument("blueprint_revision_id", "Revision", "Blueprint revision to push.", min_length=1)
TITLE = Argument("title", "Title", "Heading of the message.", min_length=1)
URL = Argument("url", "Link", "Link attached to the message.", uri=True)
LOCALE = Argument(
    "locale", "Language", "Language, optional script and country.",
    pattern=r"[a-z]{2}(_[A-Z][a-z]{3})?_([a-z]{2}|[A-Z]{2})", hint="en_US or zh_Hant_TW",
)  # fmt: skip
ETHERNET_AUTH = Argument(
    "ethernet_auth_mode", "Authentication", "How the wired network authenticates.",
    choices=_choices(("NONE", "No authentication"), ("EAP_TLS", "802.1X with certificates")),
)  # fmt: skip
ETHERNET_CA = Argument("ethernet_ca_cert_alias", "CA certificate", "Alias of the installed CA.", min_length=1)
ETHERNET_CLIENT = Argument(
    "ethernet_client_cert_alias", "Client certificate", "Alias of the installed client certificate.", min_length=1
)
ETHERNET_IDENTITY = Argument("ethernet_eap_identity", "EAP identity", "EAP identity.", min_length=1)
INTERFACE = Argument(
    "interface",
    "Interface",
    "Network interface to configure.",
    choices=_choices(("wlan", "Wi-Fi"), ("eth", "Ethernet")),
)
DHCP = Argument(
    "dhcp_enabled", "Addressing", "Whether DHCP is on.",
    choices=_choices(("true", "DHCP on"), ("false", "Static address")),
)  # fmt: skip
STATIC_IP = _address("static_ip", "Address", "IPv4 address.")
PRIMARY_DNS = _address("primary_dns", "First DNS server", "IPv4 address of the first DNS server.")
SUBNET = Argument(
    "subnet_mask", "Prefix length", "Prefix length from 1 to 32.", pattern=r"([1-9]|[12][0-9]|3[0-2])", hint="24"
)
GATEWAY = _address("gateway", "Gateway", "IPv4 address of the gateway.")
SECONDARY_DNS = _address("secondary_dns", "Second DNS server", "IPv4 address of the second DNS server.")
BEEP_DURATION = Argument(
    "duration", "Duration", "Beep length in seconds, from 10 to 300.", pattern=r"(1[0-9]|[2-9][0-9]|[12][0-9]{2}|300)",
    hint="a number of seconds from 10 to 300",
)  # fmt: skip
NOTIFICATIONS = Argument(
    "app_notifications_state", "Notifications", "Whether the app may notify.",
    choices=_choices(("ENABLED", "Notifications on"), ("DISABLED", "Notifications off")),
)  # fmt: skip
SAVED_AP_ONLY = _flag("use_only_saved_ap", "Registered networks only", "On: connect to registered networks only.")
APPLE_APP_ID = Argument("app_id", "App id", "Id of the app in the Apple catalogue.", min_length=1)
BUNDLE = Argument(
    "bundle_identifier", "Bundle identifier", "Apple bundle identifier.",
    pattern=r"[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+", hint="com.example.app",
)  # fmt: skip
MANAGED_ONLY = _flag("managed_only", "Managed only", "List only the profiles installed through management.")
PROFILE = Argument(
    "profile", "Profile", "Configuration profile (plist), base64.", secret=True, min_length=4, pattern=_BASE64,
    hint="base64 text",
)  # fmt: skip
PROFILE_ID = Argument("profile_identifier", "Profile identifier", "Identifier of the profile to remove.", min_length=1)
SCRIPT = Argument("script", "Script", "Full script text.", min_length=1, picker=Picker.LONG_TEXT)
INTERPRETER = Argument(
    "interpreter", "Interpreter", "Program that runs the script.", min_length=1,
    suggestions=("bash", "zsh", "sh", "powershell"),
)  # fmt: skip
EXECUTE_AS = Argument(
    "execute_as", "Run as", "Account that runs the script (Linux).", min_length=1, suggestions=("root", "Esper")
)

# In the seed's sample body, but no command of its list takes them.
UNASSIGNED = ("video_quality", "enable_debug_mode")
