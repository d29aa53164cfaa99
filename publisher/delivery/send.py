"""Sending what is due: intent committed, message handed over, outcome committed.

Killed at any moment, it leaves each delivery in a state that tells what is known of it. What is found
*sending* and belongs to a process that ended is looked up where the way out can be asked, and is *uncertain*
where it cannot: it is never sent again by itself.
"""

import contextlib
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher import owner
from publisher.clock import Clock
from publisher.delivery.dkim import Signer
from publisher.delivery.letters import Letters
from publisher.delivery.limits import Limits, held
from publisher.delivery.message import Letter, mark_of
from publisher.delivery.retry import next_try
from publisher.delivery.stock import Ready, Stock
from publisher.delivery.transports.base import Result, Transport, Verdict
from publisher.errors import StoreError, UnreachableError
from publisher.model.delivery import Delivery, State
from publisher.settings.schema import Settings
from publisher.store import Store, Transaction, claims, deliveries, holds
from publisher.store.claims import Claim, Ending
from publisher.tokens import Tokens

LEASE = timedelta(minutes=15)
"""Longer than the longest wait for a server's answer."""

_CLAIM = 500
_MOMENTS = timedelta(seconds=10)
_NAP = 0.05
_PATIENCE = (0, 1, 2, 4, 8, 15, 30)
"""Seconds between attempts to note the last answers when the store went away."""
_ENDS: dict[Verdict, State] = {
    Verdict.ACCEPTED: State.ACCEPTED,
    Verdict.FAILED: State.FAILED,
    Verdict.UNCERTAIN: State.UNCERTAIN,
}
_NO_ANSWER = "the sending process ended before an answer was noted"


@dataclass(frozen=True, slots=True)
class SendReport:
    """What a run of sending did.

    Attributes:
        ended: deliveries by the state that this run brought them to.
        settled: those of an earlier process that ended in the middle, by the state found for them.
        waiting: how many are still to be sent.
        next_due: when the next of them is due.
        stopped: whether it was asked to stop before all that is due was sent.
    """

    ended: dict[State, int] = field(default_factory=dict)
    settled: dict[State, int] = field(default_factory=dict)
    waiting: int = 0
    next_due: datetime | None = None
    stopped: bool = False


def send(
    store: Store,
    *,
    settings: Settings,
    tokens: Tokens,
    clock: Clock,
    transport: Transport,
    signers: Sequence[Signer] = (),
    edition_id: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    tick: Callable[[int], None] = lambda _done: None,
    rest: Callable[[float], object] = lambda _seconds: None,
) -> SendReport:
    """Send every delivery that is due.

    Args:
        store: the ledger.
        settings: of the site.
        tokens: for the links in the letters.
        clock: read once for each group of messages.
        transport: the way out.
        signers: keys that sign each letter.
        edition_id: only of this edition; of all when left out.
        stop: asked before each message; when it says True, the run ends with everything in order.
        tick: told how many deliveries have ended so far.
        rest: waits so many seconds, or until the run is to stop: for a rate's next letter, or while the store
            is away.

    Raises:
        UnreachableError: nothing can be handed over; what was not begun is still pending.
        StoreError: the store is away.
    """
    limits = Limits.of(settings.mail, transport)
    letters = Letters(store, settings, signers)
    run = _Run(store, letters, tokens, clock, transport, limits, edition_id, stop, tick, rest)
    settled = run.take_over()
    run.end_cancelled()
    try:
        while (claimed := run.claim()) or run.waits():
            run.work(claimed)
    except StoreError:
        run.hear_out()
        raise
    finally:
        run.leave()
    run.end_cancelled()
    with store.read() as tx:
        waiting, next_due = deliveries.waiting(tx, edition_id)
        if run.limits.closed and next_due is not None and next_due <= clock():
            raise UnreachableError("; ".join(one.sentence for one in held(tx, clock())) or transport.name)
    return SendReport(_in_order(run.ended), _in_order(settled), waiting, next_due, stop())


@dataclass(slots=True)
class _Run:
    store: Store
    letters: Letters
    tokens: Tokens
    clock: Clock
    transport: Transport
    limits: Limits
    edition_id: int | None
    stop: Callable[[], bool]
    tick: Callable[[int], None]
    rest: Callable[[float], object]
    me: str = field(default_factory=owner.this_run)
    ended: Counter[State] = field(default_factory=Counter)
    endings: list[Ending] = field(default_factory=list)
    under_way: dict[str, Ready] = field(default_factory=dict)
    stock: Stock = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing made."""
        self.stock = Stock(self.transport, self.tokens, self._refuse)

    def take_over(self) -> Counter[State]:
        """Settle what processes that ended have left."""
        found: Counter[State] = Counter()
        now = self.clock()
        with self.store.write() as tx:
            for who, lease in deliveries.owners(tx).items():
                if not (owner.is_dead(who) or lease < now):
                    continue
                endings = [self._found(tx, one) for one in claims.found_sending(tx, who)]
                claims.finish(tx, who, endings, now=now)
                claims.release(tx, who)
                found.update(one.state for one in endings)
        return found

    def end_cancelled(self) -> None:
        """End what is left of editions that were cancelled."""
        while True:
            with self.store.write() as tx:
                ended = holds.end_cancelled(tx, now=self.clock())
            if not ended:
                return
            self.ended[State.SUPPRESSED] += ended

    def claim(self) -> list[Claim]:
        """Claim the next deliveries that are due; none when asked to stop."""
        if self.stop():
            return []
        now = self.clock()
        until = now + LEASE
        with self.store.write() as tx:
            if not self.limits.has_room(tx, now):
                return []
            found = claims.claim(tx, self.me, until=until, now=now, limit=_CLAIM, edition_id=self.edition_id)
            later = self.limits.look(tx, [one.delivery for one in found], len(self.under_way), now)
            claims.put_off(tx, self.me, later)
        return [one for one in found if one.delivery.id not in later]

    def waits(self) -> bool:
        """Rest when the next letter is due within moments, as those are that were put off for a rate."""
        if self.stop() or self.limits.closed or not self.limits.rates:
            return False
        now = self.clock()
        with self.store.read() as tx:
            due = claims.next_due(tx, self.edition_id)
        if due is None or due - now > _MOMENTS:
            return False
        self.rest(max((due - now) / timedelta(seconds=1), _NAP))
        return self.clock() > now

    def work(self, claimed: Sequence[Claim]) -> None:
        """Send what may be sent of the claimed, and end the rest.

        While servers answer, the next letters are claimed, made and signed: by the time that their turn
        comes, all connections have answered, and one commit does for all of them.
        """
        more_due = True
        self.stock.add(self._sendable(claimed))
        while (more := bool(self.stock) and not self.stop()) or self.endings or self.under_way:
            group = self.stock.group() if more else []
            if self.stock and not (group or self.endings or self.under_way):
                # No relay may take any more for now.
                self._give_back()
                break
            self._hand_over(self._commit(group))
            if more:
                self.stock.name_ahead()
            self.transport.push()
            if more:
                self.stock.fill(len(self.under_way))
            if more_due and self.stock.is_low:
                following = self.claim()
                more_due = bool(following)
                self.stock.add(self._sendable(following))
            self._hear()

    def hear_out(self) -> None:
        """Wait for the answers to what is under way, and note them as soon as the store is back."""
        while self.under_way:
            self._take_in(self.transport.results())
        for seconds in _PATIENCE:
            with contextlib.suppress(StoreError):
                self._note()
                return
            self.rest(seconds)

    def leave(self) -> None:
        """Write down what is known and give back what was not begun, also when the run ends unexpectedly."""
        self.limits.heard([])
        with contextlib.suppress(StoreError):
            self._note()
            self._give_back()

    def _give_back(self) -> None:
        self.stock.clear()
        with self.store.write() as tx:
            claims.release(tx, self.me)
            self.limits.note(tx, self.clock())

    def _note(self) -> None:
        if self.endings:
            with self.store.write() as tx:
                claims.finish(tx, self.me, self.endings, now=self.clock())
            self._count_endings()

    def _count_endings(self) -> None:
        self.ended.update(one.state for one in self.endings)
        self.endings = []
        self.tick(self.ended.total())

    def _commit(self, group: list[Ready]) -> list[Ready]:
        """Commit outcomes and the next intents together; return what is really ours to send."""
        if not self.endings and not group:
            return []
        now = self.clock()
        ids = [one.delivery.id for one in group]
        with self.store.write(meanwhile=self.stock.make_more) as tx:
            claims.finish(tx, self.me, self.endings, now=now)
            later = self.limits.grant(tx, [one.delivery for one in group], len(self.under_way), now)
            if later:
                claims.put_off(tx, self.me, later)
                ids = [row for row in ids if row not in later]
            begun = claims.begin(tx, self.me, ids, way=self.transport.name, until=now + LEASE, now=now)
        self._count_endings()
        for one in group:
            if one.delivery.id not in begun:
                self.stock.forget(one)
        return [one for one in group if one.delivery.id in begun]

    def _hand_over(self, begun: list[Ready]) -> None:
        untouched = deque(begun)
        try:
            while untouched and not self.stop():
                one = untouched.popleft()
                self.under_way[one.message.mark] = one
                self.stock.taken(one)
                self.transport.take(one.message, again=one.attempt > 1)
        finally:
            # Nothing of these has left: they go back as if they had not been begun.
            if untouched:
                for one in untouched:
                    self.stock.forget(one)
                back = [
                    Ending(
                        id=one.delivery.id, attempt=one.attempt, state=State.PENDING, reason="", spent=False
                    )
                    for one in untouched
                ]
                with self.store.write() as tx:
                    claims.finish(tx, self.me, back, now=self.clock())

    def _sendable(self, claimed: Sequence[Claim]) -> list[tuple[Delivery, Letter]]:
        now = self.clock()
        good: list[tuple[Delivery, Letter]] = []
        closed: dict[int, tuple[State, str]] = {}
        for claim in claimed:
            found = self.letters.of(claim, now)
            if isinstance(found, Letter):
                good.append((claim.delivery, found))
            else:
                closed[claim.delivery.id] = found
        self._close(closed)
        return good

    def _close(self, closed: dict[int, tuple[State, str]]) -> None:
        if closed:
            with self.store.write() as tx:
                claims.close(tx, self.me, closed, now=self.clock())
            self.ended.update(state for state, _ in closed.values())

    def _refuse(self, one: Delivery, reason: str) -> None:
        self._close({one.id: (State.FAILED, reason)})

    def _hear(self) -> None:
        """Take in what is known of the letters under way.

        While fewer than half have an answer, it is better to make the next than to commit for a few.
        """
        before = len(self.under_way)
        self._take_in(self.transport.results())
        while 2 * len(self.under_way) > before and not self.stop() and self.stock.make_more():
            self._take_in(self.transport.results(wait=False))

    def _take_in(self, results: Sequence[Result]) -> None:
        now = self.clock()
        ended = [(self.under_way.pop(one.mark), one) for one in results]
        self.endings += [self._ending(ready, result, now) for ready, result in ended]
        self.limits.heard([(ready.delivery, result) for ready, result in ended])

    def _ending(self, one: Ready, result: Result, now: datetime) -> Ending:
        row = one.delivery.id
        state, due = _ENDS.get(result.verdict), None
        if state is None:
            due = next_try(one.attempt, self.letters.deadline(one.delivery), now, row=row)
            state = State.DEFERRED if due else State.FAILED
        return Ending(id=row, attempt=one.attempt, state=state, reason=result.text, due=due)

    def _found(self, tx: Transaction, one: Delivery) -> Ending:
        """Return what is known of a delivery that a process left in the middle."""
        same_way = one.reason == self.transport.name
        edition = self.letters.edition(one.edition_id, tx)
        arrived = self.transport.arrived(mark_of(edition, one.id)) if same_way else None
        state, reason = {
            True: (State.ACCEPTED, f"in the {self.transport.name}"),
            False: (State.PENDING, ""),
            None: (State.UNCERTAIN, f"{one.reason}: {_NO_ANSWER}"),
        }[arrived]
        return Ending(id=one.id, attempt=one.attempts, state=state, reason=reason)


def _in_order(found: Counter[State]) -> dict[State, int]:
    return {state: found[state] for state in State if found[state]}
