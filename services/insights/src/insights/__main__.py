"""``python -m insights [migrate]``: the process of insights."""

import sys

from chassis.door import enter

if __name__ == "__main__":
    sys.exit(enter("insights"))
