"""Frozen value types: no I/O, no engine, no clock."""
