"""What a reader of the API needs: OpenAPI and AsyncAPI documents as generated, and an explorer that works offline."""

from __future__ import annotations

import asyncio
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from treaty_runtime.definition import Definition
from treaty_runtime.entity_tags import entity_tag, has_already

__all__ = ["documentation_routes"]

ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
START = """\
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#explorer",
  deepLinking: true,
  validatorUrl: null,
});
"""
PAGE = """\
<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{title}</title>
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="explorer"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
"""
CACHED = {"Cache-Control": "public, max-age=3600"}
# Nothing from elsewhere. The explorer writes style attributes itself.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def documentation_routes(definition: Definition) -> list[HTTPRouteHandler]:
    """`/openapi.json`, `/asyncapi.json`, `/docs` and what that page loads."""
    documents = {"/openapi.json": definition.openapi, "/asyncapi.json": definition.asyncapi}
    served = [_document(path, file) for path, file in documents.items() if file is not None]
    assets = [_asset(name, media_type) for name, media_type in ASSETS.items()]
    return [*served, _page(definition.title), _start, *assets]


def _document(path: str, file: Path) -> HTTPRouteHandler:
    document = file.read_bytes()
    tag = entity_tag(document)

    @get(path)
    async def answer(request: Request[Any, Any, Any]) -> Response[bytes]:
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if has_already(request, tag):
            return Response(b"", status_code=304, media_type="application/json", headers=headers)
        return Response(document, media_type="application/json", headers=headers)

    return answer


def _page(title: str) -> HTTPRouteHandler:
    page = PAGE.format(title=escape(title)).encode()

    @get("/docs")
    async def explorer() -> Response[bytes]:
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": POLICY})

    return explorer


def _asset(name: str, media_type: str) -> HTTPRouteHandler:
    @get(f"/docs/{name}")
    async def asset() -> Response[bytes]:
        content = await asyncio.to_thread((_assets_folder() / name).read_bytes)
        return Response(content, media_type=media_type, headers=CACHED)

    return asset


@get("/docs/start.js")
async def _start() -> Response[bytes]:
    return Response(START.encode(), media_type="text/javascript", headers=CACHED)


def _assets_folder() -> Path:
    """Where the package of the explorer keeps its files; the package itself is not imported."""
    package = find_spec("swagger_ui")
    if package is None or package.origin is None:
        raise FileNotFoundError("The package swagger-ui-py is not installed, so there is no API explorer.")
    return Path(package.origin).with_name("static")
