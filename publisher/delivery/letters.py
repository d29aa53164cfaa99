"""The letters of a run of sending: each choice of sections is put together once."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.delivery.audience import NOTHING_CHOSEN
from publisher.delivery.dkim import Signer
from publisher.delivery.message import Letter, letter
from publisher.model.delivery import Delivery, State
from publisher.model.edition import Edition
from publisher.model.variant import variant
from publisher.settings.schema import Digest, Settings
from publisher.store import Store, Transaction, editions
from publisher.store.claims import Claim

_KEPT = 128
_TOO_LATE = "too late: its deadline passed"
_DEADLINE: timedelta = Digest.model_fields["deadline"].default


@dataclass(slots=True)
class Letters:
    """Editions and letters, read and made when first asked for.

    Attributes:
        store: where the editions are.
        settings: of the site.
        signers: keys that sign each letter.
    """

    store: Store
    settings: Settings
    signers: Sequence[Signer]
    _editions: dict[int, Edition] = field(default_factory=dict)
    _letters: dict[tuple[int, tuple[str, ...]], Letter | None] = field(default_factory=dict)

    def of(self, claim: Claim, now: datetime) -> Letter | tuple[State, str]:
        """Return the letter for a claim, or the state and reason with which the delivery ends unsent."""
        one = claim.delivery
        if claim.barred:
            return State.SUPPRESSED, claim.barred
        if now >= self.deadline(one):
            return State.FAILED, _TOO_LATE
        return self._letter(one) or (State.SUPPRESSED, NOTHING_CHOSEN)

    def deadline(self, one: Delivery) -> datetime:
        """Return when it is too late for a delivery; a digest that left the config has the usual time."""
        digest = self.settings.digests.get(self.edition(one.edition_id).digest)
        return one.planned + (digest.deadline if digest else _DEADLINE)

    def edition(self, edition_id: int, tx: Transaction | None = None) -> Edition:
        """Return an edition, read in the transaction that is open, if one is."""
        if edition_id not in self._editions:
            with contextlib.nullcontext(tx) if tx else self.store.read() as reading:
                found = editions.by_id(reading, edition_id)
            assert found is not None, "a delivery's edition is never removed"
            self._editions[edition_id] = found
        return self._editions[edition_id]

    def _letter(self, one: Delivery) -> Letter | None:
        key = one.edition_id, one.sections
        if key not in self._letters:
            if len(self._letters) >= _KEPT:
                del self._letters[next(iter(self._letters))]
            edition = self.edition(one.edition_id)
            content = variant(edition.content, one.sections)
            self._letters[key] = (
                letter(content, edition=edition, settings=self.settings, signers=self.signers)
                if content
                else None
            )
        return self._letters[key]
