"""`baton sources` on a running ingest: what an operator types, and what stands there then."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from baton.__main__ import application
from baton.local.ports import free_ports
from baton.local.trouble import Trouble
from ingest.settings import IngestSettings
from tests.integration.ingest.admin import ADMIN, STRONG, access_file, named, send
from tests.integration.ingest.house import prepared, running
from tests.support.servers import Servers

(PORT,) = free_ports(1)
URL = f"http://127.0.0.1:{PORT}"


@pytest.fixture(scope="module")
async def settings(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> IngestSettings:
    access = access_file(tmp_path_factory.mktemp("access"))
    more = {"access": access, "port": PORT, "public_url": URL}
    return (await prepared(servers, prefix)).model_copy(update=more)


async def baton(*words: str, typed: str | None = None) -> Result:
    """Run a command beside the loop that serves."""
    runner = CliRunner(env={"BATON_INGEST_URL": URL, "BATON_TOKEN": ADMIN, "COLUMNS": "200"})
    return await asyncio.to_thread(runner.invoke, application(), ["sources", *words], input=typed)


async def test_a_source_is_added_tried_rotated_and_removed_from_a_terminal(
    settings: IngestSettings, tmp_path: Path
) -> None:
    source = named()
    config, secret = tmp_path / "source.yaml", tmp_path / "secret"
    config.write_text("label: Partners\nchannel: partner\nconsent: {contact: asked}\n")
    secret.write_text(f"{STRONG}\n")
    async with running(settings) as (_, client):
        added = await baton("add", source, "--kind", "generic", "--config", str(config))
        assert added.exit_code == 0, added.output
        assert f"{URL}/v1/sources/{source}" in added.stdout
        made = next(word for word in added.stdout.split() if word.startswith("bsk_"))
        assert (await send(client, source, made)).status_code == 200

        tried = await baton("test", source)
        assert (tried.exit_code, "It was taken" in tried.stdout) == (0, True), tried.output
        listed = await baton("list")
        assert source in listed.stdout
        assert "google-demo" in listed.stdout

        rotated = await baton("rotate", source, "--secret-file", "-", typed=f"{STRONG}\n")
        assert rotated.exit_code == 0, rotated.output
        assert STRONG not in rotated.output
        told = json.loads((await baton("show", source, "--json")).stdout)
        first, second = (each["fingerprint"] for each in told["secrets"])
        assert second in rotated.stdout
        ended = await baton("end", source, first)
        assert ended.exit_code == 0, ended.output
        assert (await send(client, source, made)).status_code == 403
        assert (await send(client, source, STRONG)).status_code == 200

        for words in ((), ("--since", "3d")):
            useless = await baton("backfill", source, *words)
            assert "gives no lead to whoever asks" in str(useless.exception)
            assert "meta_lead_ads" in str(useless.exception)

        config.write_text("label: null\nlimit: 5 per 1m\n")
        changed = await baton("change", source, "--off", "--config", str(config))
        assert changed.exit_code == 0, changed.output
        assert ("off" in changed.stdout, "5 per 1m" in changed.stdout) == (True, True)
        refused = await baton("test", source)
        assert (refused.exit_code, "its answer says why" in refused.stdout) == (1, True)
        assert '"detail"' not in refused.stdout
        kept = await baton("remove", source, typed="n\n")
        assert kept.exit_code == 1
        assert "is lost then." in kept.stdout
        removed = await baton("remove", source, "--yes")
        assert removed.exit_code == 0, removed.output
        gone = await baton("show", source)
        assert isinstance(gone.exception, Trouble)
        assert "sources list" in str(gone.exception)


async def test_a_source_is_made_without_a_file_and_a_refusal_tells_how(
    settings: IngestSettings,
) -> None:
    source = named("form")
    async with running(settings):
        bare = await baton("add", source, "--kind", "jotform")
        assert isinstance(bare.exception, Trouble)
        assert "config.channel" in str(bare.exception)
        assert "--channel web" in str(bare.exception)
        made = await baton(
            *("add", source, "--kind", "jotform", "--channel", "web", "--contact", "asked")
        )
        assert made.exit_code == 0, made.output
        dictated = await baton("add", f"{source}-2", "--kind", "tiktok", "--channel", "paid-social")
        assert "the secret that the platform shows" in str(dictated.exception)


async def test_a_file_that_is_no_config_is_told_with_its_place(tmp_path: Path) -> None:
    config = tmp_path / "source.yaml"
    config.write_text("label: &anchor x\n")
    done = await baton("add", "x", "--kind", "generic", "--config", str(config))
    assert isinstance(done.exception, Trouble)
    assert f"{config}:1:" in str(done.exception)
    empty = await baton("rotate", "x", "--secret-file", "-", typed="\n")
    assert isinstance(empty.exception, Trouble)
    assert "standard input holds no secret" in str(empty.exception)
    odd = await baton("change", "x", "--named", "verify")
    assert isinstance(odd.exception, Trouble)
    assert "NAME=FILE" in str(odd.exception)


async def test_a_platform_is_asked_for_what_it_never_told(
    settings: IngestSettings, tmp_path: Path
) -> None:
    source = named("meta")
    config, secret = tmp_path / "source.yaml", tmp_path / "secret"
    config.write_text(
        "channel: paid-social\nverify_token: stored:verify\n"
        "fetch: {token: stored:page, base_url: http://127.0.0.1:1}\n"
    )
    secret.write_text("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    words = ["--secret-file", str(secret), "--named", f"verify={secret}", "--named"]
    async with running(settings):
        added = await baton(
            *("add", source, "--kind", "meta_lead_ads", "--config", str(config)),
            *(*words, f"page={secret}"),
        )
        assert added.exit_code == 0, added.output
        never = await baton("backfill", source)
        assert "--since 3d" in str(never.exception)
        asked = await baton("backfill", source, "--since", "3d")
        assert (asked.exit_code, "asked" in asked.stdout) == (0, True), asked.output
        found = await baton("backfill", source)
        assert f"{source}: since" in found.stdout
