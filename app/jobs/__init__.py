"""From a validated wish to a final state per device."""
