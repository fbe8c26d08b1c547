"""``python -m sla_monitor [migrate | check CONFIG_DIR]``: the process of sla-monitor."""

import sys

from chassis.entry import main
from sla_monitor.app import SERVICE

if __name__ == "__main__":
    sys.exit(main(SERVICE))
