"""From pages to the store: sweeps, details and health."""
