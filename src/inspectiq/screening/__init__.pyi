from ._emergencies import screen as screen
from ._emergencies import EmergencyScreen as EmergencyScreen
from ._rules import EmergencyNumber as EmergencyNumber
from ._rules import Instruction as Instruction
from ._rules import EmergencyKind as EmergencyKind
from ._rules import EmergencyWords as EmergencyWords
from ._rules import Language as Language
