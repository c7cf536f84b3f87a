"""`openapi.json`: the service as OpenAPI 3.1, with everything that it accepts, answers and refuses."""

from treaty.emit.openapi.document import emit_openapi

__all__ = ["emit_openapi"]
