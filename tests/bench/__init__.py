"""Measurements on the sandbox, each beside its floor in the same run. Timings never fail a test."""
