"""What can be asked of a device: pure data and rules, no input or output."""
