"""What stands in braces in the values of acts and expectations: `{name}` and `{name.field}`, never doubled braces."""

from __future__ import annotations

import re

REFERENCE = re.compile(r"(?<!\{)\{([^{}.:!\s]+)(?:\.([A-Za-z0-9_.]+))?\}(?!\})")
"""The name, and the field below it if there is one."""
