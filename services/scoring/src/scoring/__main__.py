"""``python -m scoring [migrate | check FOLDER]``."""

import sys

from chassis.entry import main
from scoring.app import SERVICE

if __name__ == "__main__":
    sys.exit(main(SERVICE))
