"""The Prefect flows: a thin shell around the street. Import after :func:`flows.quiet.be_quiet`.

One task an envelope, one flow a batch; pages are plain functions. What they do stands in :mod:`flows.walk` and
:mod:`flows.orders`. A cluster packs tasks and flows up and sends them to its workers: what they name at the top of
this module must be something that any machine can import.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import UTC, date, datetime
from typing import Annotated, Any

import httpx
from prefect import Task, flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, TaskRun
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.flow_engine import FlowRunTimeoutError
from prefect.futures import PrefectFuture, as_completed
from prefect.logging import get_run_logger
from prefect.runtime import deployment, flow_run
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff
from pydantic import Field

from flows.cluster import may_be_alone, translated
from flows.faults import may_pass
from flows.names import batch_name, night_name
from flows.orders import ASIDE, Ending, Order, carry_out
from flows.plan import RECORDS_LIMIT
from flows.sentences import log_sentences
from flows.tables import batch_rows, batch_sentence, finding_rows, night_of, night_rows, night_sentence
from flows.walk import Around, around, by_hand, reference, walk_batch, walk_night
from pipeline.errors import BadSetting, SourceDown, StoreTrouble
from pipeline.intake.batch import Split
from pipeline.records.turns import taking_turns
from pipeline.values.secrets import redacted

__all__ = ["ingest_batch", "nightly_reconcile", "runner_of", "surroundings"]

WAITING = 8  # threads that wait for reading processes; how many of those there are is a setting
NIGHT_SECONDS = 6 * 3600  # a night that takes longer has met something new: by day it must be told of
TRIES = 3
ENVELOPE_PAUSE = 5  # s before the first retry of an envelope, twice as long before each further one
NIGHT_PAUSE = 60  # s, of a night: nobody waits for it
TURN_SECONDS = 1800  # to wait for one's turn

# Prefect keeps a flow's parameters and shows them: they are checked, and hold nothing secret.
FolderName = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00]+$")]
Source = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00]+$")]
ProgrammeName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
Workers = Annotated[int, Field(ge=1, le=256)]

_WITHOUT = "unset them and leave out --prefect: the same steps run without a server"
_NO_SERVER = ("Failed to reach API", "Timed out while attempting to connect to ephemeral")  # RuntimeErrors of Prefect

log_sentences()


def runner_of(cluster: str) -> TaskRunner[Any]:
    """Where tasks run: at the workers of a Dask scheduler, or on threads that wait for this machine's processes."""
    if not cluster:
        return ThreadPoolTaskRunner(max_workers=WAITING)
    from prefect_dask import DaskTaskRunner

    runner: TaskRunner[Any] = DaskTaskRunner(address=cluster)
    return runner


@contextmanager
def surroundings(given: Around, *, instead: str = _WITHOUT) -> Iterator[Around]:
    """What a flow run in this context needs and its parameters must not hold; what it leaves.

    :param instead: what to do where no server is to be had
    :raises BadSetting: the server does not answer, or does not let us in
    """
    try:
        with around(given):
            yield given
    except (httpx.HTTPError, PrefectException) as error:
        raise _unreachable(error, instead) from error
    except FlowRunTimeoutError as error:
        raise StoreTrouble(
            f"the run took longer than {NIGHT_SECONDS // 3600} hours and was stopped; what it did is kept: look at "
            "yanzhang doctor, then run the same command again"
        ) from error
    except RuntimeError as error:
        if not str(error).startswith(_NO_SERVER):
            raise
        raise _unreachable(error, instead) from error


def _unreachable(error: Exception, instead: str) -> BadSetting:
    says = redacted((str(error).splitlines() or [type(error).__name__])[0])
    return BadSetting(
        f"the Prefect server cannot be used ({says}): look at PREFECT_API_URL and PREFECT_API_AUTH_STRING, or {instead}"
    )


def try_again(_: Task[..., Any], __: TaskRun, state: State[Any]) -> bool:
    """Whether a task that failed is tried again: by the kind of fault."""
    return isinstance(state.data, BaseException) and may_pass(state.data)


def try_again_by_night(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """The same, unless somebody sits before it and had better read at once what is wrong."""
    return not by_hand() and try_again(task, run, state)


# JSON, should anybody have results kept: a pickle is a program that whoever reads it runs.
@task(
    name="read-envelope",
    retries=TRIES,
    retry_delay_seconds=exponential_backoff(ENVELOPE_PAUSE),
    retry_jitter_factor=0.5,
    retry_condition_fn=try_again,
    persist_result=False,
    result_serializer="json",
    cache_policy=NO_CACHE,
    task_run_name="{name}",
)
def read_envelope(order: dict[str, Any], name: str) -> Ending:
    """Read one arrival into the store. How long that may take is for its pages to say (:mod:`pipeline.readers`)."""
    return carry_out(Order.model_validate(order))


def hand_out(orders: Iterable[Order]) -> Iterator[tuple[Order, Ending]]:
    """A task for each order; orders come back as they are carried out."""
    futures: dict[PrefectFuture[Ending], Order] = {
        read_envelope.submit(order.model_dump(mode="json"), order.name): order for order in orders
    }
    for future in as_completed(list(futures)):
        try:
            yield futures[future], future.result()
        except Exception as error:
            if not may_be_alone(error):
                raise translated(error) from error
            yield futures[future], ASIDE


def batch_run_name() -> str:
    """The name of a run of ``ingest-batch``."""
    return batch_name(str(flow_run.parameters.get("batch", "")))


def night_run_name() -> str:
    """The name of a run of ``nightly-reconcile``."""
    return night_name(flow_run.scheduled_start_time or datetime.now(UTC))


@flow(
    name="ingest-batch",
    flow_run_name=batch_run_name,
    task_runner=runner_of(os.environ.get("YANZHANG_CLUSTER", "")),
    persist_result=False,
    result_serializer="json",
)
def ingest_batch(
    batch: FolderName,
    records: Source,
    out: FolderName,
    programme: ProgrammeName = "cciip-2023",
    received_on: date | None = None,
    split: Split = "auto",
    workers: Workers | None = None,
) -> dict[str, Any]:
    """收件核验: scans in, checked against the online records, report out."""
    with taking_turns(records_turn):
        outcome = walk_batch(batch, records, out, programme, received_on, split, workers, hand_out=hand_out)
    create_table_artifact(batch_rows(outcome), key="ingest-batch", description=batch_sentence(outcome))
    return reference(outcome)


@task(
    name="reconcile-store",
    retries=TRIES,
    retry_delay_seconds=exponential_backoff(NIGHT_PAUSE),
    retry_jitter_factor=0.5,
    retry_condition_fn=try_again_by_night,
    persist_result=False,
    result_serializer="json",
    cache_policy=NO_CACHE,
)
def reconcile_night(records: str | None, out: str, programme: str) -> dict[str, Any]:
    """All that is stored against the records as they are now."""
    with taking_turns(records_turn):
        outcome = walk_night(records, out, programme)
    for note in () if by_hand() else outcome.notes:
        get_run_logger().warning(note)
    night = night_of(outcome)
    create_table_artifact(night_rows(night), key="nightly-reconcile", description=night_sentence(night))
    create_table_artifact(finding_rows(night), key="nightly-findings", description=night_sentence(night))
    return reference(outcome)


@flow(
    name="nightly-reconcile",
    flow_run_name=night_run_name,
    timeout_seconds=NIGHT_SECONDS,
    persist_result=False,
    result_serializer="json",
)
def nightly_reconcile(
    records: Source | None, out: FolderName, programme: ProgrammeName = "cciip-2023"
) -> dict[str, Any]:
    """夜间复核: everything stored against the records as they are now."""
    return reconcile_night(records, out, programme)


@contextmanager
def records_turn() -> Iterator[None]:
    """Wait until the online system may be asked. ``yanzhang deploy`` makes the limit; a deployment insists on it."""
    with ExitStack() as turn:
        try:
            turn.enter_context(_limit())
        except TimeoutError as error:
            raise SourceDown(
                f"the record source was in use by other runs for {TURN_SECONDS // 60} minutes: run this again later, "
                f"or raise the limit {RECORDS_LIMIT} on the Prefect server"
            ) from error
        yield


def _limit() -> AbstractContextManager[None]:
    if deployment.id is None:
        with get_client(sync_client=True) as client:
            try:
                client.read_global_concurrency_limit_by_name(RECORDS_LIMIT)
            except ObjectNotFound:
                return nullcontext()
    return concurrency(RECORDS_LIMIT, strict=True, timeout_seconds=TURN_SECONDS)
