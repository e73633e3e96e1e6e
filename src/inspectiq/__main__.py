"""`python -m inspectiq`."""

import sys

from inspectiq._cli import main

sys.exit(main())
