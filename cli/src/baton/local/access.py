"""The developer's token and the access file of a development installation.

Called by `baton up` before services start. Production brings its own access file.
"""

import hashlib
import secrets

from baton.local.home import Home, write_private

ACCESS = """# Who may use the APIs of this installation. Made by `baton up`; the token is in token.
tokens:
  - name: dev
    sha256: {digest}
    scopes: [read, write, admin, person]
    expires: null
"""


def prepare_access(home: Home) -> None:
    """Make token and access file as far as they are missing (mode 0600)."""
    if not home.token.exists():
        write_private(home.token, f"baton_{secrets.token_urlsafe(32)}\n", replace=False)
    if not home.access.exists():
        token = home.token.read_text(encoding="ascii").strip()
        digest = hashlib.sha256(token.encode()).hexdigest()
        write_private(home.access, ACCESS.format(digest=digest), replace=False)
