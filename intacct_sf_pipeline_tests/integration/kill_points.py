"""Points at which a run can be stopped or killed: every SQL statement, every commit, every request and every answer.

`watched` calls a function at each of them; `run_and_die` runs something in a forked process that kills itself with
SIGKILL at the n-th. Servers live in the parent, so that a dead child takes nothing with it but its sockets.
"""

from __future__ import annotations

import os
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import requests
from sqlalchemy import Connection, Engine, event

STATEMENT, COMMIT, COMMITTED, REQUEST, ANSWER = "statement", "commit", "committed", "request", "answer"
POINTS = (STATEMENT, COMMIT, COMMITTED, REQUEST, ANSWER)
STATES = (COMMITTED, REQUEST, ANSWER)
"""The points between which something outside the process's memory changed: what lies between two of them is equal."""

_WRITING = ("INSERT", "UPDATE", "DELETE")
Act = Callable[[str], None]
_RAISED = 70
_PATIENCE = 60


class End(Enum):
    """How a forked run ended."""

    KILLED = "killed"
    DONE = "done"
    RAISED = "raised"


@dataclass
class Counter:
    """Counts points of some kinds and acts at the n-th."""

    nth: int
    act: Callable[[], None]
    kinds: tuple[str, ...] = POINTS
    seen: int = 0

    def __call__(self, kind: str) -> None:
        """One more point."""
        if kind not in self.kinds:
            return
        self.seen += 1
        if self.seen == self.nth:
            self.act()


@contextmanager
def watched(engine: Engine, at: Act) -> Iterator[None]:
    """While the block runs, `at` is told of every point of `engine` and of every HTTP request of this process.

    `COMMITTED` comes after transactions that wrote something.
    """
    wrote: set[int] = set()

    def on_statement(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip()[:6].upper() in _WRITING:
            wrote.add(id(connection.connection.dbapi_connection))
        at(STATEMENT)

    def on_commit(*_: Any) -> None:
        at(COMMIT)

    def on_checkin(dbapi_connection: Any, _record: Any) -> None:
        if id(dbapi_connection) in wrote:
            wrote.discard(id(dbapi_connection))
            at(COMMITTED)

    plain_send = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        at(REQUEST)
        response = plain_send(session, request, **options)
        at(ANSWER)
        return response

    hooks = (("before_cursor_execute", on_statement), ("commit", on_commit), ("checkin", on_checkin))
    for name, hook in hooks:
        event.listen(engine if name != "checkin" else engine.pool, name, hook)
    requests.Session.send = send  # type: ignore[method-assign] # the one place every request of both clients passes
    try:
        yield
    finally:
        requests.Session.send = plain_send  # type: ignore[method-assign]
        for name, hook in hooks:
            event.remove(engine if name != "checkin" else engine.pool, name, hook)


def kill_myself() -> None:
    """As by `kill -9`: nothing of this process runs any more, no `finally`, no rollback, no farewell."""
    os.kill(os.getpid(), signal.SIGKILL)


def forked(work: Callable[[], None]) -> End:
    """Run `work` in a forked process and say how it ended; what it raised is printed.

    Raises:
        RuntimeError: it hung, or died of another signal than its own SIGKILL.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the parent's threads only wait for sockets
        pid = os.fork()
    if pid == 0:
        signal.alarm(_PATIENCE)
        try:
            work()
        except BaseException:  # noqa: BLE001 - nothing may leave the child
            traceback.print_exc()
            os._exit(_RAISED)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) != signal.SIGKILL:
            raise RuntimeError(f"the forked run ended by signal {os.WTERMSIG(status)}: it hung or crashed")
        return End.KILLED
    return End.DONE if os.WEXITSTATUS(status) == 0 else End.RAISED
