"""`python -m sdes`: the commands of `cli`."""

import sys

from sdes.cli import main

sys.exit(main())
