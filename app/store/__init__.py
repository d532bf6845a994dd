"""What we know offline: one copy per tenant."""
