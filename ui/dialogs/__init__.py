"""What asks the user."""
