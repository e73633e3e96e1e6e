"""What a repair costs: cost books, estimates that explain themselves, calibration, useful lives."""

from inspectiq.costs.assumptions import assumptions_page
from inspectiq.costs.book import CostBook
from inspectiq.costs.calibrating import Calibration, TradeFactor, calibrate
from inspectiq.costs.lives import condition_basis, useful_life
from inspectiq.costs.settling import Settlement, settle_some
from inspectiq.costs.tables import Source, Tax
from inspectiq.costs.work import Material, Work, WorkItem

__all__ = [
    "Calibration",
    "CostBook",
    "Material",
    "Settlement",
    "Source",
    "Tax",
    "TradeFactor",
    "Work",
    "WorkItem",
    "assumptions_page",
    "calibrate",
    "condition_basis",
    "settle_some",
    "useful_life",
]
