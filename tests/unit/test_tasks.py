"""Background work: seen when it fails, gone when its owner closes."""

import asyncio
import threading

import pytest

from app.tasks import Failure, Tasks, in_thread


def test_a_failed_task_is_reported_and_logged(expected_log) -> None:  # type: ignore[no-untyped-def]
    expected_log("broken pipe")
    seen: list[Failure] = []

    async def fail() -> None:
        raise OSError("broken pipe")

    async def main() -> None:
        tasks = Tasks("test")
        tasks.failed.connect(seen.append)
        task = tasks.start(fail(), "reader")
        await asyncio.wait([task])
        await asyncio.sleep(0)
        await tasks.close()

    asyncio.run(main())
    assert [(f.name, str(f.error)) for f in seen] == [("test/reader", "broken pipe")]


def test_close_cancels_what_runs_and_refuses_what_comes_after() -> None:
    cancelled = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def main() -> None:
        tasks = Tasks("test")
        tasks.start(wait(), "waiter")
        await asyncio.sleep(0)
        await tasks.close()
        assert len(tasks) == 0
        with pytest.raises(RuntimeError, match="closed"):
            tasks.start(wait(), "late")

    asyncio.run(main())
    assert cancelled == [True]


def test_a_task_may_close_its_own_group_without_waiting_for_itself() -> None:
    async def main() -> None:
        tasks = Tasks("test")
        task = tasks.start(tasks.close(), "closer")
        await asyncio.wait_for(task, 1)

    asyncio.run(main())


def test_a_cancelled_thread_is_waited_for_so_that_its_file_can_be_closed() -> None:
    begun, release = threading.Event(), threading.Event()
    ended: list[bool] = []

    def work() -> None:
        begun.set()
        release.wait(10)
        ended.append(True)
        raise OSError("nobody hears this")

    async def main() -> list[bool]:
        tasks = Tasks("test")
        task = tasks.start(in_thread(work), "write")
        while not begun.is_set():
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        before = [*ended, task.done()]
        release.set()
        await asyncio.wait([task])
        assert task.cancelled()
        await tasks.close()
        return before

    assert asyncio.run(main()) == [False]
    assert ended == [True]
