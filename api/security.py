"""Who is asking: the bearer token of a request, and a brake on guessing."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import TooManyAttempts
from qa_service.access import Action, Actor
from qa_service.actions.backend import Backend
from qa_service.actions.users import actor_of_token
from qa_service.errors import NotSignedIn

FAILURES_ALLOWED = 10
WINDOW_S = 60.0
PLACES_REMEMBERED = 10_000

_bearer = HTTPBearer(auto_error=False, description="由 qa-service user token 发放的令牌")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


class Throttle:
    """Counts failed sign-ins per client address over a sliding window.

    Only failures are counted and only failures are slowed down: a valid token is never locked out by its neighbours.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def failed(self, place: str) -> int | None:
        """Note a failure; the seconds to wait where there were too many, else None."""
        now = self._clock()
        times = self._failures.setdefault(place, deque(maxlen=FAILURES_ALLOWED + 1))
        self._failures.move_to_end(place)
        times.append(now)
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        while len(self._failures) > PLACES_REMEMBERED:
            self._failures.popitem(last=False)
        return None if len(times) <= FAILURES_ALLOWED else max(1, round(times[0] + WINDOW_S - now))


def backend_of(request: Request) -> Backend:
    """The backend that the application was made with."""
    backend: Backend = request.app.state.backend
    return backend


BackendOf = Annotated[Backend, Depends(backend_of)]


def signed_in(request: Request, backend: BackendOf, credentials: Credentials) -> Actor:
    """The actor of the request's token.

    Raises:
        NotSignedIn: no token, or a worthless one.
        TooManyAttempts: a worthless one, once again.
    """
    if credentials is None:
        raise NotSignedIn("请求没有带令牌：请在 Authorization 头里写 Bearer 加令牌。")
    try:
        return actor_of_token(backend, credentials.credentials)
    except NotSignedIn:
        throttle: Throttle = request.app.state.throttle
        wait = throttle.failed(request.client.host if request.client else "?")
        if wait is None:
            raise
        raise TooManyAttempts(f"无效令牌尝试过多：请 {wait} 秒后再试。", retry_after=wait) from None


def allowed(action: Action) -> Callable[[Actor], Actor]:
    """A dependency: the actor, who must be allowed ``action``."""

    def actor_allowed(actor: Annotated[Actor, Depends(signed_in)]) -> Actor:
        actor.require(action)
        return actor

    return actor_allowed


CallSubmitter = Annotated[Actor, Depends(allowed(Action.CALL_SUBMIT))]
CallReader = Annotated[Actor, Depends(allowed(Action.CALL_READ))]
CallListener = Annotated[Actor, Depends(allowed(Action.CALL_LISTEN))]
CallRetrier = Annotated[Actor, Depends(allowed(Action.CALL_RETRY))]
VoiceAssigner = Annotated[Actor, Depends(allowed(Action.CALL_VOICES))]
ReviewReader = Annotated[Actor, Depends(allowed(Action.REVIEW_READ))]
ReviewDecider = Annotated[Actor, Depends(allowed(Action.REVIEW_DECIDE))]
ScorecardReader = Annotated[Actor, Depends(allowed(Action.SCORECARD_READ))]
PromiseReader = Annotated[Actor, Depends(allowed(Action.PROMISE_READ))]
RulesReader = Annotated[Actor, Depends(allowed(Action.RULES_READ))]
