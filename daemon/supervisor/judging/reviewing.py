"""Has the daily and weekly reviews made when they are due, and sends them to who asked for them.

The ledger keeps a review, the event `review.done` says that it was made: after a kill between the
two the next supervisor asks again, and gets the review that is there.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from daemon.config import Config, Sources
from daemon.config.schema import ReviewKind
from daemon.protocol.review import ReviewMade
from daemon.runs.review_schedule import KINDS, Span, due_span
from daemon.store.reader import StoreError, StoreReader
from daemon.supervisor.aio.light_child import LightChildError, LightChildren
from daemon.supervisor.alerting.notices import review_notices
from daemon.supervisor.alerting.notifier import Notifier
from daemon.supervisor.context import Context
from daemon.supervisor.process.supervised_trainer import SupervisedTrainer

_log = logging.getLogger(__name__)

MODULE = "checks.checklist.reviews"
DONE = "review.done"
POLL_S = 30.0  # at most: the configured time, suspends and steps of the clock are seen within this
RETRY_S = 600.0
MOST_KNOWN = 100  # newest events: a week of daily reviews and more


class Reviewing:
    """Reviews the current run. Belongs to the event loop's thread."""

    def __init__(
        self,
        context: Context,
        children: LightChildren,
        notifier: Notifier,
        *,
        config: Callable[[], Config],
        sources: Callable[[], Sources],
        trainer: SupervisedTrainer,
        clock_trusted: Callable[[], Awaitable[bool]],
        run_began_s: float,
    ) -> None:
        self._context = context
        self._children = children
        self._notifier = notifier
        self._config = config
        self._sources = sources
        self._trainer = trainer
        self._clock_trusted = clock_trusted
        self._run_began_s = run_began_s
        self._reviewed_s: dict[ReviewKind, list[float]] = {kind: [] for kind in KINDS}

    async def run(self) -> None:
        """Make what is due, until cancelled."""
        await asyncio.to_thread(self._load_reviewed)
        while True:
            await asyncio.sleep(min(POLL_S, self._config().checklist.interval_s))
            for kind in KINDS:
                span = self._due(kind)
                if span is not None and self._trainer.state != "STARTING":
                    await self._review(kind, span)

    def send(self, subject: str, text: str) -> list[str]:
        """Send a review to the targets of [reviews]; returns their names."""
        config = self._config()
        notices = review_notices(
            subject, text, config.notify, config.reviews.targets, self._context.clock()
        )
        self._notifier.put(notices)
        return [waiting.notice.target for waiting in notices]

    def _due(self, kind: ReviewKind) -> Span | None:
        return due_span(
            self._config().reviews,
            kind,
            self._context.clock().unix_s,
            run_began_s=self._run_began_s,
            reviewed_s=self._reviewed_s[kind],
        )

    async def _review(self, kind: ReviewKind, span: Span) -> None:
        if not await self._clock_trusted():
            await asyncio.sleep(RETRY_S)
            return
        arguments = [kind, repr(span.until_s)]
        arguments += ["--home", str(self._context.paths.home), "--run", self._context.run.id]
        arguments += self._sources().without_variables().arguments()
        try:
            made = await self._children.ask(MODULE, arguments, ReviewMade)
        except LightChildError as error:
            _log.warning("the %s review was not made, it is retried: %s", kind, error)
            await asyncio.sleep(RETRY_S)
            return
        self._reviewed_s[kind].append(made.until_s)
        self._context.recorder.event(
            DONE,
            f"{kind.capitalize()} review: {made.headline}; `landerctl review {made.record}`",
            body={
                "kind": kind,
                "since_s": made.since_s,
                "until_s": made.until_s,
                "record": made.record,
            },
        )
        self.send(kind, made.text)

    def _load_reviewed(self) -> None:
        """The reviews that earlier supervisors of this run made."""
        try:
            with StoreReader.open(self._context.paths.store) as reader:
                events = reader.events(names=[DONE], run_id=self._context.run.id, limit=MOST_KNOWN)
        except StoreError as error:
            _log.warning("reviews may be announced again: %s", error)
            return
        for event in events:
            kind, until_s = event.body.get("kind"), event.body.get("until_s")
            if kind in self._reviewed_s and isinstance(until_s, int | float):
                self._reviewed_s[kind].append(until_s)
