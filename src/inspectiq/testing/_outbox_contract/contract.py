"""Tests that every outbox must pass; subclass them with your own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

import pytest

from inspectiq.testing._outbox_contract.accepting import Accepting
from inspectiq.testing._outbox_contract.claiming import Claiming
from inspectiq.testing._outbox_contract.listing import Listing
from inspectiq.testing._outbox_contract.parking import Parking
from inspectiq.testing._outbox_contract.recording import Recording
from inspectiq.testing._outbox_contract.replaying import Replaying
from inspectiq.testing._outbox_contract.shared import NOW, claim_due, run
from inspectiq.testing._outbox_contract.sharing import Sharing
from inspectiq.webhooks._outbox import Outbox

__all__ = ["OutboxContract"]


class OutboxContract(Accepting, Claiming, Recording, Replaying, Parking, Listing, Sharing):
    """Tests of an outbox.

        class TestMine(OutboxContract):
            def make_outbox(self):
                return MyOutbox(host=local_stand_in)

    They keep up to 200 messages, of at most 256 kB. Each outbox is closed after its test.
    """

    @abstractmethod
    def make_outbox(self) -> Outbox:
        """Makes a new and empty outbox."""

    @pytest.fixture
    def outbox(self) -> Iterator[Outbox]:
        """Makes the outbox under test, and closes it afterwards."""
        outbox = self.make_outbox()
        yield outbox
        run(outbox.aclose())

    def test_it_has_the_methods_of_one(self, outbox: Outbox) -> None:
        assert isinstance(outbox, Outbox)

    def test_an_empty_one_has_nothing(self, outbox: Outbox) -> None:
        async def go() -> None:
            assert await outbox.add([], now=NOW) == ()
            assert await claim_due(outbox) == []
            assert await outbox.find_next_due(["crm"]) is None
            assert await outbox.list_records(now=NOW) == ()
            assert await outbox.count(now=NOW) == ()
            assert await outbox.read_body("msg_1") is None
            assert await outbox.replay(now=NOW) == 0
            assert await outbox.purge("delivered", before=NOW) == 0
            await outbox.release([], now=NOW)

        run(go())
