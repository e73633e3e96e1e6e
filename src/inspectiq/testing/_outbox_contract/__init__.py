"""The contract of outboxes, one file for each of the things that an outbox does."""
