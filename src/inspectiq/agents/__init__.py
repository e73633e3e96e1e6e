"""Agents: plan what to ask an engine about a case, and make a result of its answers.

The life of an answer, by files: `_case` is put into `_packs`, and each pack into `_requests`, which
`_sending` turns into `_answers`; `_readings` reads each of them and `_photo_readings` tells which
counts for a photo. `_asking_again` plans more requests, or `_refining` and `_completing` make
findings, and `_result_draft` holds all that `_inspection` or `_diagnosis` assembles a result from.
"""

from inspectiq._door import open_door

__getattr__, __dir__, __all__ = open_door(__name__, __file__)
