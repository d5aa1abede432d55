"""Registering deployments on a Prefect server. Import after :func:`flows.quiet.be_quiet`."""

from __future__ import annotations

from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import DeploymentApplyError, RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType
from prefect.utilities.importtools import import_object
from pydantic import ValidationError

from flows.plan import RECORDS_LIMIT, Plan, Registered, registered
from pipeline.errors import BadSetting

__all__ = ["checked_times", "register"]


def checked_times(plan: Plan) -> None:
    """Whether the clock can be understood.

    :raises BadSetting: --cron or --timezone has no meaning
    """
    try:
        CronSchedule(cron=plan.cron, timezone=plan.timezone)
    except (ValidationError, ValueError) as error:
        raise BadSetting(
            f"--cron {plan.cron!r} with --timezone {plan.timezone!r} is no time: write five fields such as "
            '"30 2 * * *" and a zone such as Asia/Shanghai'
        ) from error


def register(plan: Plan) -> tuple[str, ...]:
    """Make or bring up to date pool, limit and deployments; a sentence for each. Twice is once.

    :raises BadSetting: the pool is there, and is of another kind
    """
    with get_client(sync_client=True) as client:
        told = [_pool(client, plan.pool)]
        client.upsert_global_concurrency_limit_by_name(RECORDS_LIMIT, plan.at_once)
        told.append(f"限流 limit {RECORDS_LIMIT}: {plan.at_once}")
    return (*told, *(_deployed(one, plan) for one in registered(plan)))


def _pool(client: SyncPrefectClient, name: str) -> str:
    try:
        pool = client.read_work_pool(name)
    except ObjectNotFound:
        try:
            client.create_work_pool(WorkPoolCreate(name=name, type="process"))
        except ObjectAlreadyExists:  # somebody else was quicker
            return _pool(client, name)
        return f"工作池 work pool {name}: made"
    if pool.type != "process":
        raise BadSetting(f"the work pool {name} is of the kind {pool.type}, not process: name another with --pool")
    return f"工作池 work pool {name}: is there"


def _deployed(one: Registered, plan: Plan) -> str:
    deployment = _deployment(one, plan)
    try:
        deployment.apply()
    except DeploymentApplyError as error:
        raise BadSetting(f"Prefect does not take the deployment {deployment.full_name} ({error})") from error
    times = f", {one.cron} {one.timezone}" if one.cron else ""
    return f"部署 deployment {deployment.full_name}{times}"


def _deployment(one: Registered, plan: Plan) -> RunnerDeployment:
    flow: Flow[..., object] = import_object(one.entrypoint)
    limit = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    deployment = flow.to_deployment(
        name=one.name,
        description=one.description,
        parameters=one.parameters,
        schedules=[Cron(one.cron, timezone=one.timezone)] if one.cron else [],
        concurrency_limit=limit if one.alone else None,
        work_pool_name=plan.pool,
        enforce_parameter_schema=True,
        entrypoint_type=EntrypointType.MODULE_PATH,  # the installed package: nothing is pulled, nothing unpickled
    )
    assert isinstance(deployment, RunnerDeployment)  # a coroutine only where somebody awaits it
    return deployment
