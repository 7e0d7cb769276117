"""Python reads this as it starts. What only development installs is not there, as where requirements.txt alone is installed.

Libraries load some of it wherever they find it (requests, rich, OpenTelemetry): a seventh of a process that never needs it.
"""

import os
import sys

sys.modules.update(dict.fromkeys(os.environ["NOT_RELEASED"].split()))  # type: ignore[arg-type]  # None: cannot be imported
