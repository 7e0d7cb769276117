"""Where figures come from: the machine by name, and another commit of the code beside this one."""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil


def machine() -> dict[str, Any]:
    """What the figures were measured on, and when."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "processor": _processor(), "cores": os.cpu_count(), "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.release()}", "python": platform.python_version(),
        "load": os.getloadavg()[2], "at": datetime.now(UTC).isoformat(timespec="minutes"), "commit": commit.stdout.strip(),
    }  # fmt: skip


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


class Worktree(AbstractContextManager[Path]):
    """Another commit's files in a folder of their own, as long as it is needed."""

    def __init__(self, root: Path, folder: Path, commit: str) -> None:
        self._root, self._folder, self._commit = root, folder / "parent", commit

    def __enter__(self) -> Path:
        self._git("worktree", "add", "--quiet", "--detach", str(self._folder), self._commit)
        if self._git("diff", "--name-only", self._commit, "--", "*/migrations/*.py"):
            print("Its migrations differ: it runs on this commit's tables.")
        return self._folder

    def __exit__(self, *_: object) -> None:
        self._git("worktree", "remove", "--force", str(self._folder))

    def _git(self, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=self._root, check=True, capture_output=True, text=True).stdout
