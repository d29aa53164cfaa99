"""The mail transactions of one connection (RFC 5321 §3.3). Pure: replies in, bytes and outcomes out.

Where the server takes several commands at once (RFC 2920), MAIL, RCPT and DATA of a message are written
together, and those of the next right behind the final dot of the one before: §3.1 allows the content to be
the first of a group, and wants DATA to be the last. So the next content waits for its 354, and for the answer
to the dot before it. Elsewhere each command waits for the answer to the last.

What is certain: before the first octet of the final dot has left, no server may deliver (RFC 5321 §4.1.1.4);
after it only the answer tells.
"""

from collections import deque
from dataclasses import dataclass

from publisher.delivery.message import Message
from publisher.delivery.transports.base import Verdict
from publisher.delivery.transports.smtp import envelope
from publisher.delivery.transports.smtp.offers import Offers
from publisher.delivery.transports.smtp.replies import Reply
from publisher.delivery.transports.smtp.verdicts import CLOSING, Outcome, Step, final, refusal, told


@dataclass(slots=True, eq=False)
class Errand:
    """A message on its way.

    Attributes:
        message: what is sent.
        taken: the intent to send it is committed: its content may leave, and its outcome is wanted.
        moved: whether it came here from a connection that ended before any of its content had left.
    """

    message: Message
    taken: bool = False
    moved: bool = False


class Talk:
    """What is said over one connection that is open.

    Attributes:
        out: what is to be written; whoever writes it empties it, and tells :meth:`wrote`.
        current: the message whose content was handed over and has no answer.
        coming: the one after it, whose envelope is said or about to be.
        ended: messages with an outcome; whoever reads it empties it.
        over: why nothing more can be said; empty while it can.
        served: how many messages were decided by an answer to their dot.
        was_used: whether a message was ever named here.
    """

    def __init__(self, offers: Offers) -> None:
        self.offers = offers
        self.out: list[bytes] = []
        self.current: Errand | None = None
        self.coming: Errand | None = None
        self.ended: list[tuple[Errand, Outcome]] = []
        self.over = ""
        self.served = 0
        self.was_used = False
        self._expected: deque[Step] = deque()
        self._refused: Outcome | None = None
        self._sender_agreed = False
        self._open = False
        """The server waits for the content of what is coming."""
        self._begun = False
        """The envelope of what is coming was begun."""
        self._dirty = False
        """A transaction was left without an end."""
        self._leaving = False
        """The conversation ends as soon as what is under way is decided."""
        self._queued = self._written = self._dot = 0

    @property
    def awaited(self) -> Step | None:
        """What the server is to answer next; None when it is not to say anything."""
        return self._expected[0] if self._expected else None

    @property
    def is_free(self) -> bool:
        """Whether a message can be taken now."""
        taken = self.coming is not None and self.coming.taken
        return self.current is None and not taken and not self._leaving and not self.over

    @property
    def can_name(self) -> bool:
        """Whether a coming message can be named."""
        return self.coming is None and not self._leaving and not self.over

    def name(self, errand: Errand) -> None:
        """Say an envelope as soon as that is possible; the content stays here."""
        self.coming, self._begun, self.was_used = errand, False, True
        self._open = self._sender_agreed = False
        reason = envelope.obstacle(errand.message, self.offers)
        too_large = envelope.too_large(errand.message, self.offers)
        self._refused = (
            Outcome(Verdict.FAILED, reason, never_said=errand.message.utf8)
            if reason
            else Outcome(Verdict.DEFERRED, too_large, relay_ails=True)
            if too_large
            else None
        )
        if self._refused is None:
            self._begin()

    def take(self, errand: Errand) -> None:
        """Send a message whole; its intent is committed."""
        errand.taken = True
        if self.coming is not errand:
            self.name(errand)
        self._go_on()

    def forget(self, errand: Errand) -> None:
        """Leave a message unsent that was named and not taken."""
        if errand is not self.coming or errand.taken:
            return
        self.coming = None
        if self._begun and (self._open or self._envelope_awaited()):
            # Where the server waits for content, or soon will, only the end of the connection is no letter.
            self._leaving = True
            self._leave()

    def quit(self) -> None:
        """Say goodbye; nothing is under way."""
        if self.coming is not None or self._expected:
            self.over = self.over or "left"
        elif not self.over:
            self._say(b"QUIT\r\n", Step.QUIT)

    def wrote(self, count: int) -> None:
        """Note that so many octets more have left."""
        self._written += count

    def heard(self, reply: Reply) -> None:
        """Take the next reply."""
        if self.over:
            return
        if not self._expected:
            self.end(f"it says unasked: {told(reply)}" if reply.code != CLOSING else told(reply))
            return
        step = self._expected.popleft()
        if step in (Step.MAIL, Step.RCPT, Step.DATA):
            self._envelope(step, reply)
        elif step is Step.DOT:
            self._decided(reply)
        elif step is Step.QUIT or reply.code == CLOSING:
            self.end(told(reply))
        elif step is Step.RSET and reply.code // 100 != 2:
            self.end(f"it cannot begin anew: {told(reply)}")
        self._leave()
        self._go_on()

    def end(self, why: str) -> None:
        """End the conversation: what is under way is decided by how far it came.

        ``coming`` stays: none of its content has left, so whoever reads it decides what becomes of it.
        """
        if self.over:
            return
        self.over = why
        if self.current is not None:
            if self._written > self._dot:
                outcome = Outcome(Verdict.UNCERTAIN, f"no answer after the letter: {why}", relay_ails=True)
            else:
                lost = f"connection lost within the letter: {why}"
                outcome = Outcome(Verdict.DEFERRED, lost, relay_ails=True)
            self.ended.append((self.current, outcome))
            self.current = None
        if self.coming is not None and self.coming.taken and self._refused is not None:
            self.ended.append((self.coming, self._refused))
            self.coming = None

    def _leave(self) -> None:
        if self._leaving and self.current is None:
            self.end("an announced letter was taken back")

    def _say(self, line: bytes, step: Step) -> None:
        self.out.append(line)
        self._queued += len(line)
        self._expected.append(step)

    def _begin(self) -> None:
        """Say the envelope, or as much of it as the server takes at once."""
        errand = self.coming
        if errand is None or self._begun:
            return
        if not self.offers.pipelining and (self.current is not None or self._expected):
            return
        if self._dirty:
            self._dirty = False
            self._say(b"RSET\r\n", Step.RSET)
            if not self.offers.pipelining:
                return
        self._begun = True
        self._say(envelope.mail(errand.message, self.offers), Step.MAIL)
        if self.offers.pipelining:
            self._say(envelope.rcpt(errand.message, self.offers), Step.RCPT)
            self._say(b"DATA\r\n", Step.DATA)

    def _envelope(self, step: Step, reply: Reply) -> None:
        found = refusal(step, reply)
        self._refused = self._refused or found
        if reply.code == CLOSING:
            # The server has left; the message may well go another way.
            self._refused = None if self._refused is found else self._refused
            self.end(told(reply))
            return
        if step is Step.MAIL:
            self._sender_agreed = found is None
        if step is Step.DATA:
            self._may_send(reply, agreed=found is None)
        elif self.offers.pipelining:
            return
        elif found is not None:
            self._dirty = self._sender_agreed
        elif step is Step.MAIL and self.coming is not None:
            self._say(envelope.rcpt(self.coming.message, self.offers), Step.RCPT)
        else:
            self._say(b"DATA\r\n", Step.DATA)

    def _may_send(self, reply: Reply, *, agreed: bool) -> None:
        if agreed and self._refused is None:
            self._open = True
        elif agreed and self._sender_agreed:
            # RFC 2920 §3.1: a server may wait for content although it took no recipient; a dot ends that.
            self._say(envelope.DOT, Step.NOTHING)
        elif agreed or reply.code < 400:
            self.end(f"it is out of step: {told(reply)}")
        else:
            self._dirty = True

    def _decided(self, reply: Reply) -> None:
        errand, self.current = self.current, None
        assert errand is not None, "a dot belongs to a message"
        if self._written <= self._dot and reply.code < 400:
            # It cannot have taken what it has not got; without the dot it never will.
            self.current = errand
            self.end(f"it is out of step: {told(reply)}")
            return
        self.served += 1
        outcome = final(reply)
        self.ended.append((errand, outcome))
        if reply.code == CLOSING or outcome.verdict is Verdict.UNCERTAIN or self._written <= self._dot:
            self.end(told(reply))

    def _go_on(self) -> None:
        """Do what can be done now: begin what waits, send content that is waited for, tell of a refusal."""
        if self.over or self.current is not None:
            return
        if self._refused is None and not self._begun:
            self._begin()
        errand = self.coming
        if errand is None or not errand.taken:
            return
        if self._refused is not None and not self._envelope_awaited():
            self.coming = None
            self.ended.append((errand, self._refused))
        elif self._open:
            self._send(errand)

    def _envelope_awaited(self) -> bool:
        return any(step in (Step.MAIL, Step.RCPT, Step.DATA) for step in self._expected)

    def _send(self, errand: Errand) -> None:
        parts = envelope.on_the_wire(errand.message)
        self.coming, self.current, self._open = None, errand, False
        self._queued += sum(map(len, parts))
        self._dot = self._queued
        self.out += parts
        self._say(envelope.DOT, Step.DOT)
