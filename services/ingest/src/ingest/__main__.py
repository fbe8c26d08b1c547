"""``python -m ingest [migrate | check FOLDER]``."""

import sys

from chassis.entry import main
from ingest.app import SERVICE

if __name__ == "__main__":
    sys.exit(main(SERVICE))
