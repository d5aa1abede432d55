"""The cluster of Dask (集群), as who hands out work sees it: whether it is there, and what its faults mean."""

from __future__ import annotations

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
    from distributed import Client

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it has to say is said by translated()
    try:
        with Client(address, timeout=PATIENCE, set_as_default=False) as client:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError as error:
                raise ClusterDown(
                    f"the scheduler {address} has no worker: start some (dask worker {address} --no-nanny), "
                    "then run the same command again"
                ) from error
            return len(client.scheduler_info(n_workers=-1)["workers"])
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        says = redacted((str(error).splitlines() or [type(error).__name__])[0])
        raise BadSetting(
            f"no Dask scheduler can be used at {address} ({says}): look at YANZHANG_CLUSTER and at the scheduler, or "
            "unset it: this machine reads then"
        ) from error


def may_be_alone(error: Exception) -> bool:
    """Whether a task was given up because worker after worker ended that had it."""
    return type(error).__name__ == "KilledWorker"


def translated(error: Exception) -> Exception:
    """What went wrong, as a sentence where it is the cluster's fault."""
    if isinstance(error, YanzhangError) or not type(error).__module__.startswith(("distributed", "dask", "tornado")):
        return error
    says = redacted((str(error).splitlines() or [""])[0])[:200]
    return ClusterDown(f"the cluster does not answer any more ({type(error).__name__}: {says}): {_GO_ON}")
