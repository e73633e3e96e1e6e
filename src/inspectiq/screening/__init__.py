"""Emergencies in somebody's words: found by rules before any model is asked, and never lowered."""

from inspectiq.screening.emergencies import EmergencyScreen, screen
from inspectiq.screening.rules import EmergencyNumber, HazardWords, Language

__all__ = ["EmergencyNumber", "EmergencyScreen", "HazardWords", "Language", "screen"]
