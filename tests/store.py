"""An S3-compatible store of files for a test: rclone's, which checks signatures, on a folder that can be looked into."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devservices.state import free_port

PROGRAM = Path(sys.executable).parent / "rclone"
KEY, SECRET, BUCKET = "yidi-files", "of/the+tests", "materials"


def command(folder: Path, address: str, key: str, secret: str) -> list[str]:
    """What serves the folders in `folder` as buckets at an address, to whoever signs by the key."""
    return [
        str(PROGRAM),
        "serve",
        "s3",
        "--config",
        "",
        "--addr",
        address,
        "--auth-key",
        f"{key},{secret}",
        str(folder),
    ]


@dataclass
class Store:
    """The store in a folder; it may be stopped and started again."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.port = free_port()
        self.lying.mkdir(parents=True)

    @property
    def url(self) -> str:
        """For MATERIALS_URL."""
        return f"http://{KEY}:{SECRET.replace('/', '%2F')}@127.0.0.1:{self.port}/{BUCKET}"

    @property
    def lying(self) -> Path:
        """Where what the bucket holds lies."""
        return self.folder / BUCKET

    def start(self) -> None:
        """Wait until it answers."""
        serving = command(self.folder, f"127.0.0.1:{self.port}", KEY, SECRET)
        self.process = subprocess.Popen(serving, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return
            time.sleep(0.05)
        raise AssertionError("the store does not answer")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
