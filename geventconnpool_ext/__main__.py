"""``python -m geventconnpool_ext``: the command line, which is in ``cli``."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
