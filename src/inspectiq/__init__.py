"""inspectiq: property photos in, findings that stand up in a dispute out.

The names here are the common ones. The rest is in rooms: `inspectiq.severity`, `.costs`, `.limits`,
`.transports`, `.webhooks`, and so on. Each lists what it exports in its `__init__.pyi`.
"""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
