"""`python -m inspectiq`."""

import sys

from inspectiq.cli import main

sys.exit(main())
