"""Odd pictures: one file is one idea, made at test time by the tools that write such files."""
