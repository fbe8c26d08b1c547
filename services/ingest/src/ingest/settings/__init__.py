"""What the process is told: its environment, the secrets of its sources, its policy file.

The app reads them; nothing here opens a connection.
"""

from ingest.settings.environment import IngestSettings

__all__ = ["IngestSettings"]
