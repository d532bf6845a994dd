"""What is seen in the window."""
