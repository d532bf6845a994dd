"""The wire: the only files that know server paths and field names."""
