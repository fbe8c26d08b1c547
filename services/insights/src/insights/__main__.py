"""``python -m insights [migrate]``: the process of insights."""

import sys

from chassis.entry import main
from insights.app import SERVICE

if __name__ == "__main__":
    sys.exit(main(SERVICE))
