"""The offline engine: finds cracks and reads words without a key and without a network."""

from inspectiq.transports._offline.detector import Detection, Detector, Region
from inspectiq.transports._offline.engine import OfflineTransport

__all__ = ["Detection", "Detector", "OfflineTransport", "Region"]
