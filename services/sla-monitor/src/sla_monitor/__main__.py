"""``python -m sla_monitor [migrate | check CONFIG_DIR]``: the process of sla-monitor."""

import sys

from chassis.door import enter

if __name__ == "__main__":
    sys.exit(enter("sla_monitor"))
