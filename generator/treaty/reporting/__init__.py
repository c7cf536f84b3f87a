"""What becomes of diagnostics: how bad each is, whether it was allowed, and how it is shown."""
