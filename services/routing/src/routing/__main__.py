"""``python -m routing [migrate | check CONFIG_DIR]``."""

import sys

from chassis.door import enter

if __name__ == "__main__":
    sys.exit(enter("routing"))
