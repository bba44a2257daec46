"""A worker in a process of its own, to be killed: `python -m tests.notify.child URL FOLDER LEASE_S`."""

import asyncio
import sys
import time
from pathlib import Path

from api.notify.part import make_notifiers
from api.notify.settings import NotifySettings
from tests.notify.desk import open_desk


async def work(url: str, folder: Path, lease_s: float) -> None:
    settings = NotifySettings(notify_private_networks=("127.0.0.0/8",))
    async with open_desk(url, folder, time.time_ns) as desk:
        notifiers = make_notifiers(settings, desk.writer, time.time_ns)
        async with desk.worker(notifiers, notify_lease_s=lease_s, notify_poll_s=0.05).running():
            print("working", flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])))
