"""``python -m routing [migrate | check CONFIG_DIR]``."""

import sys

from chassis.entry import main
from routing.app import SERVICE

if __name__ == "__main__":
    sys.exit(main(SERVICE))
