"""What a bench ran on, so that its figures can be read: processor, memory, system; no host name."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import psutil


def machine() -> dict[str, str]:
    """Return the machine's traits in the order in which people ask for them."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 1e9:.0f} GB",
        "system": f"{_system()}, {platform.machine()}",
        "Python": platform.python_version(),
        "aiokafka": version("aiokafka"),
        "asyncpg": version("asyncpg"),
    }


def _processor() -> str:
    if sys.platform == "darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _system() -> str:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        return str(platform.freedesktop_os_release()["PRETTY_NAME"])
    except (OSError, KeyError):
        return platform.system()
