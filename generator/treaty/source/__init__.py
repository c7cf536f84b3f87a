"""YAML text in; plain data that knows line and column out."""
