"""A running scoring beside a running ingest, on the real Kafka and PostgreSQL."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from chassis.http.operations import Verification, VerifyState
from chassis.migrate import migrate
from chassis.runtime import Runtime
from ingest.settings import IngestSettings
from scoring.app import SERVICE
from scoring.settings import ScoringSettings
from tests.integration.ingest.house import CONFIG, SECRET, prepared, running
from tests.support.awaiting import until
from tests.support.servers import Servers

TOKEN = "baton_made_up_for_this_test"


@dataclass(frozen=True)
class House:
    """Both services and their clients."""

    ingest: Runtime
    scoring: Runtime
    sender: httpx.AsyncClient
    person: httpx.AsyncClient
    settings: IngestSettings

    async def verified(self) -> Verification:
        """Every decision of scoring decided again."""
        verifier = self.scoring.operator._verifier
        job = verifier.start()

        async def ended() -> Verification | None:
            found = verifier.found(job.id)
            return None if found.state is VerifyState.RUNNING else found

        found = await until(ended, "the verification to end")
        assert found is not None
        return found


async def scoring_settings(servers: Servers, prefix: str, folder: Path) -> ScoringSettings:
    """Settings of scoring, with an access file of one token."""
    access = folder / "access.yaml"
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    access.write_text(
        f"tokens: [{{name: test, sha256: {digest}, scopes: [read, admin], expires: null}}]\n"
    )
    access.chmod(0o600)
    return ScoringSettings(
        port=0,
        kafka_bootstrap=servers.kafka_bootstrap,
        topic_prefix=f"{prefix}.",
        group_prefix=f"{prefix}.",
        postgres_url=await servers.prepare(prefix, "scoring"),
        postgres_schema=f"{prefix}scoring",
        secret=SECRET,
        config=CONFIG,
        access=access,
    )


@asynccontextmanager
async def whole(
    servers: Servers, prefix: str, folder: Path, *, writes: bool = False
) -> AsyncIterator[House]:
    """Both, ready; ``writes``: the token is ingest's too and may write."""
    settings = await prepared(servers, prefix)
    mine = await scoring_settings(servers, prefix, folder)
    if writes:
        text = folder.joinpath("access.yaml").read_text()
        folder.joinpath("access.yaml").write_text(text.replace("[read,", "[write, read,"))
        settings = settings.model_copy(update={"access": mine.access})
    await migrate(mine, SERVICE.migrations)
    async with running(settings) as (ingest, sender):
        scoring = Runtime(SERVICE, mine)
        await scoring.start()
        base = f"http://127.0.0.1:{scoring.port}"
        headers = {"authorization": f"Bearer {TOKEN}"}
        try:
            async with httpx.AsyncClient(base_url=base, headers=headers, timeout=10.0) as person:

                async def ready() -> bool:
                    return (await person.get("/readyz")).status_code == httpx.codes.OK

                await until(ready, "scoring to be ready")
                yield House(ingest, scoring, sender, person, settings)
        finally:
            await scoring.stop()
