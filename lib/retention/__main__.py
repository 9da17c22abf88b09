"""`python -m retention` is `retention`."""

import sys

from retention.cli import main

if __name__ == "__main__":
    sys.exit(main())
