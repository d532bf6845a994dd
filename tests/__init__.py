"""Tests of the fleet console."""
