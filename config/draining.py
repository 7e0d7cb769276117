"""How a web process leaves without anybody noticing: first it says so, then it answers on, then it ends.

Asked to end (SIGTERM), it tells whoever probes `/readyz` that it is stopping and closes each connection with its next answer, for
`DRAIN_SECONDS`, in which balancers find other processes. Then it takes nothing more, ends what it has in hand, and goes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# With its fork a process got the server's own way with SIGTERM, which only notes it: one that was asked to end while it still started
# went on, and was ended by force 45 s later, with what it had taken on by then.
_asked = threading.Event()
if threading.current_thread() is threading.main_thread() and callable(signal.getsignal(signal.SIGTERM)):
    signal.signal(signal.SIGTERM, lambda *_: _asked.set())

STOPPING = b'{"status": "stopping", "parts": {}}'
CLOSE = (b"connection", b"close")


class Draining:
    """Whether this process is about to end. Used from its event loop."""

    def __init__(self, seconds: int) -> None:
        self.seconds, self.begun = seconds, False

    async def live(self, receive: Receive, send: Send, require: Callable[[], None]) -> None:
        """The life of the process (ASGI's lifespan): from its start on, SIGTERM means to drain. SIGINT still ends it at once.

        It does not begin where `require` raises ImproperlyConfigured.
        """
        await receive()
        try:
            await asyncio.to_thread(require)
        except ImproperlyConfigured as reason:
            print(reason, file=sys.stderr)
            await send({"type": "lifespan.startup.failed", "message": str(reason)})
            return
        if self.seconds:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.begin)
        if _asked.is_set():  # meanwhile: whoever has come already is answered
            self.begin()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    def begin(self) -> None:
        """Once, however often it is asked: systemd asks every process, and then the server asks its own."""
        if not self.begun:
            self.begun = True
            asyncio.get_running_loop().call_later(self.seconds, os.kill, os.getpid(), signal.SIGINT)

    def closing(self, send: Send) -> Send:
        """Answers that are the last of their connection: nobody sends a request into one that ends."""

        async def last(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], CLOSE]
            await send(message)

        return last
