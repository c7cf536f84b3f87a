"""What an engineer would write by hand, with the same guarantees: what the generated service is measured beside."""
