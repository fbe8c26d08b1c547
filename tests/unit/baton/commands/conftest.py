from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.baton.commands.apis import Apis, served


@pytest.fixture
def apis(tmp_path: Path) -> Iterator[Apis]:
    with served(tmp_path) as found:
        yield found
