"""TLS to PostgreSQL: from libpq's words to what asyncpg takes."""

import ssl

from chassis.settings import Settings


def postgres_tls(settings: Settings) -> ssl.SSLContext | str:
    """Return a context that verifies, or one of libpq's words where settings ask for less.

    ``verify-full`` checks the name too, ``verify-ca`` the chain only.
    """
    wanted = settings.postgres_ssl
    if wanted not in {"verify-full", "verify-ca"}:
        return wanted
    ca = settings.postgres_ca
    context = ssl.create_default_context(cafile=None if ca is None else str(ca))
    context.check_hostname = wanted == "verify-full"
    return context
