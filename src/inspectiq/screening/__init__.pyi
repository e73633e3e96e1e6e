from inspectiq.screening._emergencies import screen as screen
from inspectiq.screening._emergencies import EmergencyScreen as EmergencyScreen
from inspectiq.screening._rules import EmergencyNumber as EmergencyNumber
from inspectiq.screening._rules import Instruction as Instruction
from inspectiq.screening._rules import EmergencyKind as EmergencyKind
from inspectiq.screening._rules import EmergencyWords as EmergencyWords
from inspectiq.screening._rules import Language as Language
