"""Servers of others, each in an environment of its own, which `.ci/system` makes."""
