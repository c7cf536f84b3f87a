"""Requests that reach public addresses only: the name is looked up once, and what was checked is what is connected to.

Whoever can choose a URL, or answer for its name, must not reach what stands in the private network behind the service.
Redirects are not followed, and no proxy is asked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence

import httpx

__all__ = ["PublicTransport", "is_public"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
PORTS = {"http": 80, "https": 443}


class AddressNotPublic(httpx.ConnectError):
    """A name leads to an address that is not public."""


class PublicTransport(httpx.AsyncBaseTransport):
    """Connects to the address that it has checked, under the name that was asked for."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises `httpx.ConnectError` when its host is unknown or not public."""
        host = request.url.host
        found = await _look_up(host, request.url.port or PORTS[request.url.scheme], request)
        closed = [address for address in found if not is_public(address)]
        if closed:
            raise AddressNotPublic(
                f"{host} leads to {closed[0]}, which is not public; TREATY_EVENTS_ALLOW_PRIVATE allows it",
                request=request,
            )
        # The certificate is still checked against the name.
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=str(found[0]))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def is_public(address: Address) -> bool:
    """Whether an address is one of the public Internet: also the one inside, where one is written in another."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inside:
            return is_public(inside)
    return address.is_global and not address.is_multicast


async def _look_up(host: str, port: int, request: httpx.Request) -> Sequence[Address]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError(f"{host} cannot be looked up: {error.strerror}", request=request) from error
    return [ipaddress.ip_address(str(place[4][0]).partition("%")[0]) for place in found]
