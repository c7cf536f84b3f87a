"""Webhooks that come several times, in any order or never, while workers are killed; then a reckoning."""
