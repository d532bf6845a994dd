"""Rows of the store as Qt models."""
