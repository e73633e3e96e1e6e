"""Emergencies in somebody's words: found before any model is asked, and never lowered."""

from inspectiq.screening.emergencies import EmergencyScreen, screen
from inspectiq.screening.rules import EmergencyNumber, Instruction, Kind, KindWords, Language

__all__ = [
    "EmergencyNumber", "EmergencyScreen", "Instruction", "Kind", "KindWords", "Language", "screen",
]  # fmt: skip
