"""Which addresses are proxies of ours: their headers count, those of others do not."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from fastapi import Request
from starlette.types import Scope

_PEER = "verbind.peer"
HERE = frozenset({"127.0.0.1", "::1"})
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")


class Proxies:
    """The addresses and networks of VERBIND_TRUSTED_PROXIES; `*` is every address."""

    def __init__(self, listed: str) -> None:
        self._names = {part.strip() for part in listed.split(",")} - {""}
        self._networks = [network for name in self._names if (network := _network(name))]

    def __contains__(self, host: str) -> bool:
        if "*" in self._names or host in self._names:
            return True
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def note_peer(scope: Scope) -> str:
    """Keep who is at the other end of the connection, before a proxy's headers put its client in that place."""
    host: str = (scope.get("client") or ("",))[0]
    scope[_PEER] = host
    return host


def peer_of(request: Request) -> str:
    """The address at the other end of the connection: a proxy, when there is one."""
    found: str | None = request.scope.get(_PEER)
    return found if found is not None else (request.client.host if request.client else "")


def is_direct(request: Request) -> bool:
    """Whether no proxy stands between."""
    return not any(name in request.headers for name in _FORWARDED)


def _network(name: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(name, strict=False)
    except ValueError:
        return None
