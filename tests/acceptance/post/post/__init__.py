"""What the post office promises."""
