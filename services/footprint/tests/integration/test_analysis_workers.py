import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from services.footprint.tests.analysis_works import obedient
from services.footprint.tests.fakes import OWNER
from tests.databases import FreshDatabase

from chassis.clock import FixedClock, SystemClock, new_id
from chassis.database import Database
from footprint.adapters import analysis_worker
from footprint.adapters.analysis_process import AnalysisProcess
from footprint.adapters.analysis_queue import LEASE_S, AnalysisQueue, Claim
from footprint.adapters.analysis_worker import MOST_DEATHS, MOST_TAKINGS, AnalysisWorker
from footprint.adapters.database_clock import DatabaseClock
from footprint.adapters.unit_of_work import SqlUnitOfWorkFor
from footprint.domain.analysis import Analysis, AnalysisKind, AnalysisState, Failure

PATIENCE_S = 30.0
_SPAWN = multiprocessing.get_context("spawn")
FAILURE = Failure("test", "en", "zh")


class Jobs:
    """The queue of a database, and what is in it."""

    def __init__(
        self, database: Database, lease_s: float = LEASE_S, tenant_at_once: int = 10
    ) -> None:
        self.clock = FixedClock(SystemClock().now())
        self.open_uow = SqlUnitOfWorkFor(database, self.clock)
        self.queue = AnalysisQueue(
            database,
            self.open_uow,
            self.clock,
            lease_s=lease_s,
            tenant_at_once=tenant_at_once,
        )

    def submit(self, do: str = "answer", tenant_id: str = OWNER, **model: Any) -> str:
        self.clock.advance(timedelta(milliseconds=1))
        analysis = Analysis(
            new_id(), AnalysisKind.MONTE_CARLO, "test", {"seed": 7}, self.clock.now(), "someone"
        )
        with self.open_uow(tenant_id) as uow:
            uow.analyses.add(analysis, {"do": do, **model})
            uow.commit()
        return analysis.id

    def get(self, analysis_id: str, tenant_id: str = OWNER) -> Analysis:
        with self.open_uow(tenant_id, read_only=True) as uow:
            return uow.analyses.get(analysis_id)

    def result(self, analysis_id: str) -> str:
        with self.open_uow(OWNER, read_only=True) as uow:
            return uow.analyses.result(analysis_id)

    def cancel(self, analysis_id: str) -> None:
        with self.open_uow(OWNER) as uow:
            uow.analyses.end(uow.analyses.get(analysis_id).cancelled(self.clock.now()))
            uow.commit()

    def take(self) -> Claim:
        claim = self.queue.claim()
        assert claim is not None
        assert self.queue.begin(claim) is not None
        return claim

    def reaches(self, analysis_id: str, state: AnalysisState) -> Analysis:
        return eventually(lambda: self.get(analysis_id), lambda found: found.state is state)


T = TypeVar("T")


def eventually(ask: Callable[[], T], good: Callable[[T], object]) -> T:
    end = time.monotonic() + PATIENCE_S
    while not good(found := ask()):
        assert time.monotonic() < end, found
        time.sleep(0.02)
    return found


@pytest.fixture
def jobs(database: Database) -> Jobs:
    return Jobs(database)


@contextmanager
def working(
    jobs: Jobs, max_seconds: float = 3600.0, max_memory_bytes: int = 2**31
) -> Iterator[AnalysisWorker]:
    process = AnalysisProcess(obedient, 1000, max_memory_bytes)
    worker = AnalysisWorker(0, jobs.queue, process, max_seconds=max_seconds)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class TestQueue:
    def test_the_oldest_comes_first_and_each_once(self, jobs: Jobs) -> None:
        made = [jobs.submit() for _ in range(3)]
        assert [jobs.take().analysis_id for _ in range(3)] == made
        assert jobs.queue.claim() is None

    def test_a_tenant_with_many_jobs_lets_others_in(self, jobs: Jobs) -> None:
        first, second = jobs.submit(), jobs.submit()
        other = jobs.submit(tenant_id="other")
        assert [jobs.take().analysis_id for _ in range(3)] == [first, other, second]

    def test_a_tenant_leaves_workers_to_others(self, database: Database) -> None:
        jobs = Jobs(database, tenant_at_once=2)
        first, second, third = (jobs.submit() for _ in range(3))
        claims = [jobs.take(), jobs.take()]
        assert [claim.analysis_id for claim in claims] == [first, second]
        assert jobs.queue.claim() is None
        other = jobs.submit(tenant_id="other")
        assert jobs.take().analysis_id == other
        jobs.queue.finish(claims[0], "{}", 0)
        assert jobs.take().analysis_id == third

    def test_instances_reckon_by_the_clock_of_the_database(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = DatabaseClock(database).now()
        assert abs((told - SystemClock().now()).total_seconds()) < 60.0
        # Between two answers the machine's clock may be set.
        clock = DatabaseClock(database)
        before = clock.now()
        monkeypatch.setattr("footprint.adapters.database_clock.datetime", None)
        assert timedelta() <= clock.now() - before < timedelta(seconds=10)

    def test_takings_are_no_deaths(self, jobs: Jobs) -> None:
        jobs.submit()
        for _ in range(MOST_DEATHS + 1):
            jobs.take()
            jobs.clock.advance(timedelta(seconds=LEASE_S + 1))
        claim = jobs.take()
        assert (claim.attempt, claim.deaths) == (MOST_DEATHS + 2, 0)
        jobs.queue.release(claim, died=True)
        assert jobs.take().deaths == 1

    def test_a_job_whose_worker_is_silent_goes_to_another(self, jobs: Jobs) -> None:
        job = jobs.submit()
        silent = jobs.take()
        jobs.clock.advance(timedelta(seconds=LEASE_S - 1))
        assert jobs.queue.claim() is None
        assert jobs.queue.progress(silent, 3, 10)
        jobs.clock.advance(timedelta(seconds=LEASE_S - 1))
        assert jobs.queue.claim() is None
        jobs.clock.advance(timedelta(seconds=2))
        other = jobs.take()
        assert (other.analysis_id, other.attempt) == (job, 2)
        assert jobs.get(job).done == 0
        assert not jobs.queue.progress(silent, 4, 10)
        assert not jobs.queue.finish(silent, "{}", 0)
        assert not jobs.queue.fail(silent, FAILURE)
        assert jobs.get(job).state is AnalysisState.RUNNING
        assert jobs.queue.finish(other, "{}", 10)

    def test_a_clock_that_was_set_back_holds_nobody_up(self, jobs: Jobs) -> None:
        jobs.submit()
        jobs.take()
        jobs.clock.advance(timedelta(hours=-1))
        assert jobs.queue.claim() is not None

    def test_a_cancelled_job_is_lost_to_its_worker(self, jobs: Jobs) -> None:
        job = jobs.submit()
        claim = jobs.take()
        jobs.cancel(job)
        assert not jobs.queue.progress(claim, 1, 2)
        assert not jobs.queue.finish(claim, "{}", 0)
        assert jobs.get(job).state is AnalysisState.CANCELLED

    def test_a_job_that_is_cancelled_just_when_it_is_taken_does_not_begin(self, jobs: Jobs) -> None:
        job = jobs.submit()
        claim = jobs.queue.claim()
        assert claim is not None
        jobs.cancel(job)
        assert jobs.queue.begin(claim) is None

    def test_a_job_that_is_put_back_is_queued_again(self, jobs: Jobs) -> None:
        job = jobs.submit()
        jobs.queue.release(jobs.take())
        assert jobs.get(job).state is AnalysisState.QUEUED
        assert jobs.take().deaths == 0

    def test_each_change_is_a_revision(self, jobs: Jobs) -> None:
        job = jobs.submit()
        claim = jobs.take()
        before = jobs.get(job).revision
        jobs.queue.progress(claim, 1, 2)
        jobs.queue.progress(claim, 1, 2)
        assert jobs.get(job).revision == before + 1

    def test_what_has_ended_keeps_no_model(self, jobs: Jobs, everything: Database) -> None:
        jobs.submit()
        jobs.queue.finish(jobs.take(), "{}", 0)
        with everything.system_transaction(read_only=True) as session:
            roles = session.connection().exec_driver_sql("SELECT role FROM analysis_document")
            assert [row[0] for row in roles] == ["result"]
            left = session.connection().exec_driver_sql("SELECT count(*) FROM analysis_queue")
            assert left.scalar_one() == 0


class TestWorker:
    def test_a_job_is_done(self, jobs: Jobs) -> None:
        job = jobs.submit()
        with working(jobs):
            done = jobs.reaches(job, AnalysisState.DONE)
        assert (done.done, done.total) == (10, 10)
        assert done.started_at is not None
        assert done.ended_at is not None
        assert jobs.result(job) == '{"kind":"montecarlo","options":{"seed":7}}'

    def test_what_fails_says_why_and_the_next_is_done(self, jobs: Jobs) -> None:
        refused, broken, large = (jobs.submit(do) for do in ("refuse", "break", "tell much"))
        last = jobs.submit()
        with working(jobs):
            jobs.reaches(last, AnalysisState.DONE)
        failures = [jobs.get(job).failure for job in (refused, broken, large)]
        codes = [failure and failure.code for failure in failures]
        assert codes == [
            "footprint.analysis.singular",
            "internal",
            "footprint.analysis.result_too_large",
        ]
        assert failures[1] is not None
        assert "nobody foresaw" not in failures[1].en

    def test_a_job_that_kills_its_process_is_given_up(self, jobs: Jobs) -> None:
        deadly = jobs.submit("die")
        last = jobs.submit()
        with working(jobs):
            failed = jobs.reaches(deadly, AnalysisState.FAILED)
            jobs.reaches(last, AnalysisState.DONE)
        assert failed.failure is not None
        assert failed.failure.code == "footprint.analysis.keeps_dying"
        assert str(MOST_DEATHS) in failed.failure.en

    def test_a_job_that_takes_too_long_has_failed(self, jobs: Jobs) -> None:
        endless, last = jobs.submit("work without a word"), jobs.submit()
        with working(jobs, max_seconds=2.0):
            failed = jobs.reaches(endless, AnalysisState.FAILED)
            assert failed.failure is not None
            assert failed.failure.code == "footprint.analysis.out_of_time"
            assert "2 s" in failed.failure.en
            assert "2 秒" in failed.failure.zh
            jobs.reaches(last, AnalysisState.DONE)

    def test_a_job_that_asks_for_too_much_memory_has_failed(self, jobs: Jobs) -> None:
        greedy, last = jobs.submit("take memory"), jobs.submit()
        with working(jobs, max_memory_bytes=2**30):
            failed = jobs.reaches(greedy, AnalysisState.FAILED)
            jobs.reaches(last, AnalysisState.DONE)
        assert failed.failure is not None
        assert failed.failure.code == "footprint.analysis.out_of_memory"
        assert "1073741824" in failed.failure.zh

    def test_the_process_is_given_no_secrets(
        self, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GREENCHAIN_FOOTPRINT_CLIENT_SECRET", "a secret of the service")
        job = jobs.submit("tell environment")
        with working(jobs):
            jobs.reaches(job, AnalysisState.DONE)
        names = json.loads(jobs.result(job))["names"]
        assert "PATH" in names
        assert not [name for name in names if name.startswith("GREENCHAIN")]

    def test_a_result_that_the_database_refuses_is_not_computed_again(
        self, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tries = []

        def refuse(*arguments: Any) -> bool:
            tries.append(arguments)
            raise ValueError("too large for a row")

        monkeypatch.setattr(jobs.queue, "finish", refuse)
        job = jobs.submit()
        with working(jobs):
            failed = jobs.reaches(job, AnalysisState.FAILED)
        assert failed.failure is not None
        assert failed.failure.code == "internal"
        assert len(tries) == 1

    def test_a_polite_signal_is_not_the_jobs_fault(self, jobs: Jobs, tmp_path: Path) -> None:
        job = jobs.submit("count", file=str(tmp_path / "pid"))
        with working(jobs):
            pid = int(eventually(lambda: _read(tmp_path / "pid"), bool))
            os.kill(pid, signal.SIGTERM)
            done = jobs.get(job).done
            eventually(lambda: jobs.get(job), lambda found: found.done > done + 50)
            assert alive(pid)

    def test_a_job_that_is_taken_again_and_again_is_given_up(self, jobs: Jobs) -> None:
        job = jobs.submit()
        for _ in range(MOST_TAKINGS):
            jobs.take()
            jobs.clock.advance(timedelta(seconds=LEASE_S + 1))
        with working(jobs):
            failed = jobs.reaches(job, AnalysisState.FAILED)
        assert failed.failure is not None
        assert failed.failure.code == "footprint.analysis.keeps_dying"
        assert str(MOST_TAKINGS) in failed.failure.en

    def test_progress_is_seen_and_cancelling_ends_the_process(
        self, jobs: Jobs, tmp_path: Path
    ) -> None:
        job = jobs.submit("count", file=str(tmp_path / "pid"))
        with working(jobs):
            eventually(lambda: jobs.get(job), lambda found: found.done > 0)
            pid = int((tmp_path / "pid").read_text())
            jobs.cancel(job)
            cancelled_at = time.monotonic()
            eventually(lambda: alive(pid), lambda lives: not lives)
            assert time.monotonic() - cancelled_at < 2.0
            # The worker is free for the next one.
            jobs.reaches(jobs.submit(), AnalysisState.DONE)
        assert jobs.get(job).state is AnalysisState.CANCELLED

    def test_work_that_gives_no_sign_of_life_keeps_its_lease_and_is_cancelled(
        self, database: Database
    ) -> None:
        jobs = Jobs(database, lease_s=2.0)
        jobs.queue = AnalysisQueue(
            database, SqlUnitOfWorkFor(database, SystemClock()), SystemClock(), lease_s=2.0
        )
        job = jobs.submit("work without a word")
        with working(jobs):
            jobs.reaches(job, AnalysisState.RUNNING)
            time.sleep(3.0)
            assert jobs.queue.claim() is None
            jobs.cancel(job)
            jobs.reaches(jobs.submit(), AnalysisState.DONE)

    def test_a_worker_that_is_stopped_puts_its_job_back(self, jobs: Jobs, tmp_path: Path) -> None:
        job = jobs.submit("count", file=str(tmp_path / "pid"))
        with working(jobs):
            jobs.reaches(job, AnalysisState.RUNNING)
            pid = int(eventually(lambda: _read(tmp_path / "pid"), bool))
        assert jobs.get(job).state is AnalysisState.QUEUED
        assert not alive(pid)
        assert jobs.take().deaths == 0

    def test_an_idle_worker_keeps_no_process(
        self, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(analysis_worker, "KEEP_S", 0.5)
        job = jobs.submit("tell who")
        with working(jobs):
            jobs.reaches(job, AnalysisState.DONE)
            pid = json.loads(jobs.result(job))["pid"]
            eventually(lambda: alive(pid), lambda lives: not lives)
            jobs.reaches(jobs.submit(), AnalysisState.DONE)

    def test_two_workers_share_the_queue(self, jobs: Jobs) -> None:
        made = [jobs.submit() for _ in range(6)]
        with working(jobs), working(jobs):
            for job in made:
                jobs.reaches(job, AnalysisState.DONE)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _work_until_killed(url: str) -> None:
    database, clock = Database(url), SystemClock()
    queue = AnalysisQueue(database, SqlUnitOfWorkFor(database, clock), clock, lease_s=2.0)
    worker = AnalysisWorker(0, queue, AnalysisProcess(obedient, 1000))
    worker.start()
    time.sleep(3600)


def test_the_job_of_a_killed_service_is_taken_up_again(
    fresh: FreshDatabase, tmp_path: Path
) -> None:
    jobs = Jobs(fresh.database)
    jobs.queue = AnalysisQueue(
        fresh.database, SqlUnitOfWorkFor(fresh.database, SystemClock()), SystemClock(), lease_s=2.0
    )
    job = jobs.submit("count", file=str(tmp_path / "pid"))
    # Not a daemon: it has a process of its own.
    service = _SPAWN.Process(target=_work_until_killed, args=(fresh.url,))
    service.start()
    try:
        eventually(lambda: jobs.get(job), lambda found: found.done > 0)
    finally:
        assert service.pid is not None
        os.kill(service.pid, signal.SIGKILL)
        service.join()
    pid = int(_read(tmp_path / "pid"))
    eventually(lambda: alive(pid), lambda lives: not lives)
    assert jobs.get(job).state is AnalysisState.RUNNING
    with working(jobs):
        eventually(
            lambda: (_read(tmp_path / "pid"), jobs.get(job)),
            lambda found: found[0] not in ("", str(pid)) and found[1].done > 0,
        )
