"""The screen: PySide6 lives only here."""
