"""An operator's calls on a running ingest, for tests of sources that the API makes."""

import hashlib
import uuid
from pathlib import Path
from typing import Any

import httpx

ADMIN = "baton_made_up_to_operate"
READER = "baton_made_up_to_look"
BEARER = {"authorization": f"Bearer {ADMIN}"}
SOURCES = "/v1/admin/ingest/sources"
STRONG = "Zq7Xw2LpN9vB4tRk8YsD1mHc"


def access_file(folder: Path) -> Path:
    """An access file that lets an operator and a reader in."""
    file = folder / "access.yaml"
    operator, reader = (hashlib.sha256(each.encode()).hexdigest() for each in (ADMIN, READER))
    file.write_text(
        "tokens:\n"
        f"  - {{name: ops, sha256: {operator}, scopes: [admin], expires: null}}\n"
        f"  - {{name: eye, sha256: {reader}, scopes: [read], expires: null}}\n"
    )
    file.chmod(0o600)
    return file


def named(beginning: str = "src") -> str:
    """An id that no other test uses."""
    return f"{beginning}-{uuid.uuid4().hex[:8]}"


def generic(source_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON's values
    """What makes a source of the kind ``generic``."""
    config = {"channel": "partner", "consent": {"contact": "asked"}, **more.pop("config", {})}
    return {"id": source_id, "kind": "generic", "config": config, **more}


async def made(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    """The answer to the making of a source."""
    answer = await client.post(SOURCES, json=body, headers=BEARER)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def shown(client: httpx.AsyncClient, source_id: str) -> dict[str, Any]:
    """A source as operators see it."""
    answer = await client.get(f"{SOURCES}/{source_id}", headers=BEARER)
    assert answer.status_code == httpx.codes.OK, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def send(
    client: httpx.AsyncClient, source_id: str, secret: str | None, **more: str
) -> httpx.Response:
    """A lead by the key of a generic source."""
    headers = {} if secret is None else {"authorization": f"Bearer {secret}"}
    body = {"email": f"{uuid.uuid4().hex[:10]}@brightwell.example", "id": uuid.uuid4().hex, **more}
    return await client.post(f"/v1/sources/{source_id}", json=body, headers=headers)
