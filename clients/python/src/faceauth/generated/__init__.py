"""Written by openapi-python-client from openapi/openapi.json. Do not edit: `./dev generate`
writes it, and `./dev test drift` fails when it is old.
"""

from .client import AuthenticatedClient, Client

__all__ = (
    "AuthenticatedClient",
    "Client",
)
