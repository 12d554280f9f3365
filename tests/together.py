"""Several at once, for real: threads that start together, each with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def together(count: int, verb: Callable[[int], T]) -> list[T | BaseException]:
    """What ``verb(0)`` … ``verb(count - 1)`` answered or raised when they began at the same moment."""
    gate = threading.Barrier(count)
    answers: list[T | BaseException] = [RuntimeError("did not answer")] * count

    def one(number: int) -> None:
        try:
            gate.wait()
            answers[number] = verb(number)
        except BaseException as error:  # noqa: BLE001  the test looks at it
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return answers
