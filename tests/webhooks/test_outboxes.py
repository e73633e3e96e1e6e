"""Both outboxes that are shipped keep to the contract that is shipped."""

from pathlib import Path

import pytest

from inspectiq.testing import OutboxContract
from inspectiq.webhooks import MemoryOutbox, Outbox, SQLiteOutbox


class TestMemoryOutbox(OutboxContract):
    def make_outbox(self) -> Outbox:
        return MemoryOutbox()


class TestSQLiteOutbox(OutboxContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "outbox.sqlite"

    def make_outbox(self) -> Outbox:
        return SQLiteOutbox(self.path)
