"""Wrong arguments of a notifier are told at once, and spoil nothing that comes after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspectiq import ConfigError, WebhookNotifier
from inspectiq.webhooks import MemoryOutbox, SQLiteOutbox, create_secret
from tests.webhooks.results import an_inspection

NOWHERE = "https://hooks.example/in"


def notifier(**options: Any) -> WebhookNotifier:
    given = {"outbox": MemoryOutbox(), "background": False, **options}
    return WebhookNotifier(NOWHERE, secret=create_secret(), **given)


CALLS: dict[str, Callable[[Any], object]] = {
    "disable(None)": lambda n: n.disable(None),
    "disable(5)": lambda n: n.disable(5),
    "disable([])": lambda n: n.disable([]),
    "disable(reason=None)": lambda n: n.disable(*n.endpoints, None),
    "disable(reason=5)": lambda n: n.disable(*n.endpoints, 5),
    "enable(None)": lambda n: n.enable(None),
    "enable({})": lambda n: n.enable({}),
    "replay(ids=5)": lambda n: n.replay(ids=5),
    "replay(ids=[5])": lambda n: n.replay(ids=[5]),
    "replay(ids='msg_x')": lambda n: n.replay(ids="msg_x"),
    "replay(endpoint=[])": lambda n: n.replay(endpoint=[]),
    "notify(text)": lambda n: n.notify("words of a tenant"),
    "notify(None)": lambda n: n.notify(None),
    "messages(text)": lambda n: n.messages("words of a tenant"),
    "enqueue([{}])": lambda n: n.enqueue([{}]),
    "enqueue(5)": lambda n: n.enqueue(5),
    "enqueue(text)": lambda n: n.enqueue("words of a tenant"),
    "test([])": lambda n: n.test([]),
    "test(5)": lambda n: n.test(5),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_argument_is_refused_and_the_outbox_works_as_before(
    call: str, tmp_path: Path
) -> None:
    told = notifier(outbox=tmp_path / "o.sqlite")
    told.notify(an_inspection())
    with pytest.raises(ConfigError, match=r"give|say") as caught:
        CALLS[call](told)
    assert "tenant" not in str(caught.value)
    (counted,) = told.stats()
    assert counted.pending == 1
    assert not counted.disabled
    told.close()


@pytest.mark.parametrize(
    "options",
    [
        {"link": 5},
        {"clock": 5},
        {"clock": lambda: 5},
        {"random": 5},
        {"background": "x"},
        {"background": None},
        {"retention": True},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_notifier_of_wrong_parts_is_not_made(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"{next(iter(options))}.*give"):
        notifier(**options)


def test_a_link_that_is_no_text_is_told_and_nothing_is_kept() -> None:
    told = notifier(link=lambda _: 5)
    with pytest.raises(ConfigError, match="link: an int was given"):
        told.notify(an_inspection())
    assert told.stats() == ()


@pytest.mark.parametrize("path", [None, 5, "", "a\0b"])
def test_a_backup_goes_to_a_path(path: Any, tmp_path: Path) -> None:
    outbox = SQLiteOutbox(tmp_path / "o.sqlite")
    with pytest.raises(ConfigError, match="is no path"):
        outbox.backup(path)
