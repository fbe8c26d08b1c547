"""``python -m ingest [migrate | check FOLDER]``."""

import sys

from chassis.door import enter

if __name__ == "__main__":
    sys.exit(enter("ingest"))
