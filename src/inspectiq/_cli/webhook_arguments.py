"""Adds the commands for webhooks, with their arguments and exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from inspectiq._cli.codes import explain_codes
from inspectiq._cli.deferring import defer

__all__ = ["WEBHOOK_CODES", "add_webhooks"]

WEBHOOK_CODES: Mapping[int, str] = {
    0: "done; deliver: what was due is delivered",
    1: "deliver: some are to be tried again",
    3: "failed; deliver: some were given up; test: one did not take it; replay: nothing found",
}


def add_webhooks(webhooks: argparse.ArgumentParser) -> None:
    """Adds the commands for webhooks. Endpoints and secrets come from the environment."""
    actions = webhooks.add_subparsers(required=True, metavar="ACTION")

    def add_action(name: str, help: str) -> argparse.ArgumentParser:
        return actions.add_parser(
            name,
            help=help,
            epilog=explain_codes(WEBHOOK_CODES),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def add(name: str, help: str, command: str = "") -> argparse.ArgumentParser:
        action = add_action(name, help)
        action.add_argument(
            "--outbox", type=Path, metavar="FILE", help="INSPECTIQ_OUTBOX if not given"
        )
        action.set_defaults(command=defer("webhooks", command or name))
        return action

    deliver = add("deliver", "deliver what is due, then end")
    deliver.add_argument("--forever", action="store_true", help="go on until it is interrupted")
    listing = add("list", "list what is in the outbox", "list_records")
    listing.add_argument("--state", choices=("pending", "delivered", "dead"), help="only these")
    for action in (listing, add("dead", "list the dead letters", "list_dead")):
        action.add_argument("--endpoint", metavar="NAME", help="only of this endpoint")
        action.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many")
        action.add_argument("--json", action="store_true", help="print them as JSON")
    listing.add_argument("--body", metavar="ID", help="print the body of one instead")
    replay = add("replay", "send dead letters again, with the same ids")
    replay.add_argument("ids", nargs="*", metavar="ID", help="which; also delivered ones")
    replay.add_argument("--endpoint", metavar="NAME", help="only of this endpoint")
    replay.add_argument("--all", action="store_true", help="all dead letters")
    disable = add("disable", "park what is for an endpoint")
    disable.add_argument("--reason", default="by hand", help="why, for whoever looks at it")
    for action in (disable, add("enable", "take an endpoint up again")):
        action.add_argument("endpoint", metavar="NAME", help="the endpoint")
    test = add_action("test", "send a test to one endpoint or to all")
    test.set_defaults(command=defer("webhooks", "test"))
    test.add_argument("endpoint", nargs="?", metavar="NAME", help="the endpoint")
    test.add_argument("--json", action="store_true", help="print how each answered as JSON")
    stats = add("stats", "count what is in the outbox", "count")
    stats.add_argument("--json", action="store_true", help="print the counts as JSON")
    backup = add("backup", "copy the outbox while others work with it")
    backup.add_argument("to", type=Path, metavar="NEW_FILE", help="the copy")
    purge = add("purge", "forget old ones that were delivered, or given up")
    purge.add_argument("state", choices=("delivered", "dead"), help="which")
    purge.add_argument("--days", type=float, default=30.0, help="older than this; 30 if not given")
