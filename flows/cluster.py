"""The cluster of Dask (集群), as who hands out work sees it: whether it is there, and what its faults mean."""

from __future__ import annotations

import asyncio
import logging

from pipeline.errors import BadSetting, ClusterDown, YanzhangError
from pipeline.values.secrets import redacted

__all__ = ["check_cluster", "may_be_alone", "translated"]

PATIENCE = 60  # s for the scheduler to answer and for a first worker to be there

_GO_ON = "what was read is kept: look at scheduler and workers, then run the same command again"


def check_cluster(address: str) -> int:
    """How many workers there are, before anything is handed out.

    :raises BadSetting: nobody answers there, or not in a way that we understand
    :raises ClusterDown: a scheduler without a worker
    """
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it has to say is said by translated()
    try:
        return asyncio.run(_workers(address))
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        says = redacted((str(error).splitlines() or [type(error).__name__])[0])
        raise BadSetting(
            f"no Dask scheduler can be used at {address} ({says}): look at YANZHANG_CLUSTER and at the scheduler, or "
            "unset it: this machine reads then"
        ) from error


async def _workers(address: str) -> int:
    from distributed import Client

    # Within a loop of our own: a client that failed where it has one of its own keeps that loop's thread, and closes
    # whenever it is collected; if that is while another starts, both wait for ever.
    client = Client(address, timeout=PATIENCE, set_as_default=False, asynchronous=True)
    try:
        await client
        await client.wait_for_workers(1, timeout=PATIENCE)
        return len(await client.nthreads())
    except TimeoutError as error:
        if client.status != "running":
            raise
        raise ClusterDown(
            f"the scheduler {address} has no worker: start some (dask worker {address} --no-nanny), "
            "then run the same command again"
        ) from error
    finally:
        await client.close()


def may_be_alone(error: Exception) -> bool:
    """Whether a task was given up because worker after worker ended that had it."""
    return type(error).__name__ == "KilledWorker"


def translated(error: Exception) -> Exception:
    """What went wrong, as a sentence where it is the cluster's fault."""
    if isinstance(error, YanzhangError) or not type(error).__module__.startswith(("distributed", "dask", "tornado")):
        return error
    says = redacted((str(error).splitlines() or [""])[0])[:200]
    return ClusterDown(f"the cluster does not answer any more ({type(error).__name__}: {says}): {_GO_ON}")
