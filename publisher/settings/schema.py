"""What ``config/site.yaml`` and ``config/schedule.yaml`` may say, as frozen models.

Every key is described here once: the descriptions become the JSON Schema for editors' completion.
"""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from publisher.model.slot import SlotKind, is_week
from publisher.model.subscriber import Frequency
from publisher.settings.base import Setting, Title, Words, wording
from publisher.settings.look import Look
from publisher.settings.places import Places
from publisher.settings.relays import Smtp
from publisher.settings.sources import Source
from publisher.settings.timetable import CalendarFile, Holiday, Job, ScheduleFile, days_off
from publisher.settings.values import (
    Domain,
    EmailAddress,
    InboxAddress,
    Key,
    Language,
    Network,
    RecipientDomain,
    Span,
    StoreAddress,
    TagAuthority,
    WebAddress,
    ZoneName,
    wrong,
)

__all__ = [
    "CalendarFile",
    "Digest",
    "DigestSection",
    "Feeds",
    "Holiday",
    "Job",
    "Look",
    "Mail",
    "NamedFeed",
    "ScheduleFile",
    "Section",
    "Setting",
    "Settings",
    "Site",
    "SiteFile",
    "Smtp",
    "Source",
    "StoreSettings",
    "Title",
    "Web",
    "Words",
    "wording",
]


class Site(Setting):
    """The newsroom as its readers know it."""

    title: Title
    """The paper's name per language, e.g. {en: The Courier, vi: Báo Tin}."""
    url: WebAddress
    """Where `public/` is served from, without a slash at the end."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    """Languages of the site; the first is the default."""
    timezone: ZoneName
    """IANA zone of the newsroom, e.g. Asia/Ho_Chi_Minh."""
    tag_authority: TagAuthority
    """Who mints article ids (RFC 4151): a domain and a date on which you held it: courier.example,2026."""
    description: Words = Field(default={})
    """One sentence about the paper per language."""
    author: str = ""
    """Named as author of articles without a byline; the title when left out."""
    email: EmailAddress | None = None
    """The newsroom's public address."""
    postal_address: str = ""
    """Printed at the foot of every letter; many countries' law asks for it."""
    copyright: str = ""
    """Rights statement in the feeds."""
    logo: WebAddress | None = None
    """Picture of the paper, at least 144 pixels wide."""
    icon: WebAddress | None = None
    """Small square picture."""

    def title_in(self, language: str) -> str:
        """Return the paper's name in that language, else in the first language that has one."""
        return wording(self.title, language)


class Section(Setting):
    """A subject heading."""

    title: Title
    """What readers see, per language."""
    aliases: tuple[str, ...] = ()
    """Labels in the newsroom's pages that mean this section; capitals do not matter."""
    was: tuple[Key, ...] = ()
    """Keys that this section had before; their old feed addresses lead here."""
    content: Literal["full", "summary", "both"] | None = None
    """What its feed carries; as `feeds.content` when left out."""


class NamedFeed(Setting):
    """A feed put together by the operator."""

    title: Title
    """What readers see, per language."""
    sections: tuple[Key, ...] = ()
    """Only these sections; all when left out."""
    tags: tuple[str, ...] = ()
    """Only articles with one of these tags."""
    authors: tuple[str, ...] = ()
    """Only articles by one of these names."""
    language: Language | None = None
    """Only articles in this language."""
    content: Literal["full", "summary", "both"] | None = None
    """What it carries; as `feeds.content` when left out."""
    was: tuple[Key, ...] = ()
    """Keys under which it was published before; their old addresses lead here."""


class Feeds(Setting):
    """What the published feeds hold."""

    entries: Annotated[int, Field(ge=1, le=1000)] = 50
    """Articles in a feed, newest first."""
    content: Literal["full", "summary", "both"] = "both"
    """`full` text, only the `summary`, or `both`."""
    refresh: Span = timedelta(minutes=15)
    """How often readers are asked to look again: ttl, sy:update* and Cache-Control."""
    hub: WebAddress | None = None
    """WebSub hub to announce and to ping."""
    languages: bool = True
    """Also one feed per language of the site (when it has more than one)."""
    tags: tuple[str, ...] = ()
    """Also one feed for each of these tags."""
    authors: tuple[str, ...] = ()
    """Also one feed for each of these authors."""
    named: dict[Key, NamedFeed] = Field(default={})
    """Further feeds of your own making; the key is the file's name."""
    archives: bool = True
    """Monthly archive documents (RFC 5005)."""
    tombstones: Span = timedelta(days=30)
    """How long a withdrawn article is announced as deleted (RFC 6721)."""


class DigestSection(Setting):
    """How a section stands in a digest."""

    section: Key
    """The section's key."""
    limit: Annotated[int, Field(ge=0, le=100)] | None = None
    """At most so many of its articles; the digest's `per_section` when left out."""


class Digest(Setting):
    """A recurring newsletter."""

    title: Title
    """Its name per language."""
    layout: Literal["recent", "brief", "text"] = "recent"
    """`recent`: lead and sections; `brief`: headlines and one line each; `text`: no HTML part."""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] | None = None
    """Languages of its articles, the first for its own words; the site's when left out."""
    slot: Literal["day", "week"] = "day"
    """One edition a day, or one a week."""
    frequencies: Annotated[tuple[Frequency, ...], Field(min_length=1)] = ("each",)
    """What subscribers may choose: `each` edition; `weekly`, of a digest with one a day: a letter a week."""
    week_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "fri"
    """The day whose run also makes the week's letter, for those who chose `weekly`."""
    sections: tuple[DigestSection, ...] = ()
    """Sections in their order; all, in the order of the config, when left out."""
    limit: Annotated[int, Field(ge=1, le=200)] = 25
    """At most so many articles."""
    per_section: Annotated[int, Field(ge=1, le=100)] = 5
    """At most so many of one section."""
    max_age: Span = timedelta(days=7)
    """Nothing older, counted from the slot's time; `7d`, `36h`."""
    lead: Literal["newest", "pictured", "pinned"] = "pictured"
    """What leads: the newest, the newest with a picture, or only what is pinned."""
    pins: tuple[str, ...] = ()
    """Ids or addresses of articles that stand first while they are recent."""
    exclude: tuple[str, ...] = ()
    """Ids, addresses or tags that never stand in it."""
    unsectioned: bool = True
    """Whether articles without a section stand at the end."""
    corrections: Literal["ignore", "announce"] = "ignore"
    """`announce`: an article that went out and was corrected since stands once more, with its correction."""
    empty: Literal["skip", "send"] = "skip"
    """What happens when nothing is new."""
    subject: str | None = None
    """Jinja2 template of the subject; names the lead story when left out."""
    preheader: str | None = None
    """Jinja2 template of the line that mail programs show beside the subject."""
    look: Look = Look()
    """Its colours, fonts and words."""
    deadline: Span = timedelta(hours=12)
    """An edition that could not be sent by then after its slot's time is not sent any more."""

    @property
    def gathers_weeks(self) -> bool:
        """Whether it has one edition a day, and one a week for those who want it so."""
        return self.slot == "day" and "weekly" in self.frequencies

    def slot_kind(self, named: str = "") -> SlotKind:
        """Return the kind of slot that a person means, who may have named a week."""
        return "week" if self.gathers_weeks and is_week(named) else self.slot

    @model_validator(mode="after")
    def _different(self) -> Self:
        kinds = [{"daily": "day", "weekly": "week"}.get(one, self.slot) for one in self.frequencies]
        once = f"one edition a {self.slot}"
        if self.slot == "week" and "day" in kinds:
            raise wrong("pair", f"a digest with {once} cannot be had daily", key="frequencies")
        if len(set(kinds)) != len(kinds):
            raise wrong("pair", f"of a digest with {once} two of these are the same", key="frequencies")
        if self.slot not in kinds:
            raise wrong("pair", f"nobody could have its {self.slot}'s editions; add each", key="frequencies")
        return self


class Dkim(Setting):
    """Signatures that show who vouches for a letter; the private keys come from the environment."""

    domain: Domain | None = None
    """Domain that vouches, equal to the sender's or above it; the sender's when left out."""
    rsa: Key | None = None
    """Selector of the RSA key, which is PUBLISHER_DKIM_RSA (PEM)."""
    ed25519: Key | None = None
    """Selector of the Ed25519 key, which is PUBLISHER_DKIM_ED25519 (PEM)."""


class Mail(Setting):
    """How letters leave."""

    sender: EmailAddress
    """Address in From."""
    reply_to: EmailAddress | None = None
    """Where answers go."""
    transport: Literal["maildir", "smtp"] = "maildir"
    """`maildir`: into var/outbox; `smtp`: to the servers below."""
    smtp: Smtp | None = None
    """The server, for transport smtp."""
    relays: dict[Key, Smtp] = Field(default={})
    """Further servers by name: all share the letters by weight and stand in for each other."""
    rates: dict[RecipientDomain, Annotated[int, Field(ge=1, le=10_000_000)]] = Field(default={})
    """At most so many letters a minute to addresses of a domain, from all processes; `*` is any other one."""
    bounces: EmailAddress | None = None
    """Mailbox for bounces: a letter's return address is it with +TOKEN; the sender when left out."""
    bounces_inbox: InboxAddress | None = None
    """Where they wait, imaps://user@host/INBOX, for the job `bounces`; password: PUBLISHER_IMAP_PASSWORD."""
    bounces_then: Annotated[str, Field(pattern=r"^(keep|delete|move to \S.*)$")] = "keep"
    """What becomes of one that is stored and understood: `keep`, `delete`, or `move to FOLDER`."""
    list_domain: Domain | None = None
    """Domain of List-Id and Message-ID; the sender's when left out."""
    dkim: Dkim = Dkim()
    """Signatures of the letters."""

    @property
    def servers(self) -> dict[str, Smtp]:
        """All servers by name; `smtp` is named after its key."""
        return ({"smtp": self.smtp} if self.smtp else {}) | self.relays

    @model_validator(mode="after")
    def _server(self) -> Self:
        if self.smtp and "smtp" in self.relays:
            raise wrong("pair", "a relay cannot be named smtp beside smtp; name it otherwise", key="relays")
        if self.transport == "smtp" and not self.servers:
            raise wrong("pair", "smtp needs a server; add smtp: with its host below mail", key="transport")
        return self


class Web(Setting):
    """The built-in web server."""

    host: str = "127.0.0.1"
    """Address to listen on; only this machine unless you say otherwise."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    """Port to listen on."""
    polls: Annotated[int, Field(ge=0, le=100_000)] = 60
    """Unconditional requests for one feed from one address within `feeds.refresh`; 0 for any number."""
    proxies: tuple[str, ...] = ()
    """Addresses of proxies in front whose X-Forwarded-For is believed; a proxy on this machine always is."""
    sign_ups: Annotated[int, Field(ge=0, le=100_000)] = 30
    """Sign-ups from one network (an IPv4 /24, an IPv6 /48) within a day; 0 for any number."""
    console: Literal["local", "anywhere", "off"] = "local"
    """Who may reach `/console/`: only this machine, everybody who has its password, or nobody."""
    console_hosts: tuple[str, ...] = ()
    """Further host names under which the console is reached from `anywhere`, besides that of `site.url`."""
    watchers: tuple[Network, ...] = ()
    """Addresses or networks that are told `/metrics`, besides this machine."""


class StoreSettings(Setting):
    """Where everything is kept."""

    url: StoreAddress = "sqlite:///var/publisher.sqlite3"
    """An SQLite file relative to the site, or postgresql://…; its password: PUBLISHER_STORE_PASSWORD."""


class SiteFile(Setting):
    """`config/site.yaml`, whole."""

    site: Site
    """The newsroom."""
    sections: dict[Key, Section] = Field(default={})
    """Subject headings, in the order in which readers see them; the key never changes."""
    sources: dict[Key, Source] = Field(default={})
    """Where articles come from."""
    feeds: Feeds = Feeds()
    """What the feeds hold."""
    digests: dict[Key, Digest] = Field(default={})
    """Recurring newsletters."""
    mail: Mail
    """How letters leave."""
    web: Web = Web()
    """The built-in web server."""
    store: StoreSettings = StoreSettings()
    """Where everything is kept."""


class Settings(Setting):
    """All files together."""

    site: Site
    sections: dict[str, Section]
    sources: dict[str, Source]
    feeds: Feeds
    digests: dict[str, Digest]
    mail: Mail
    web: Web
    store: StoreSettings
    jobs: dict[str, Job]
    calendar: dict[str, Holiday] = Field(default={})
    places: Annotated[Places, Field(exclude=True, repr=False)] = Places()
    """Where each key stands in the files."""

    @classmethod
    def of(
        cls,
        site: SiteFile,
        schedule: ScheduleFile,
        places: Places = Places(),  # noqa: B008
        calendar: CalendarFile = CalendarFile(),  # noqa: B008
    ) -> Self:
        """Join the files; where jobs name entries of the calendar they get its days."""
        return cls(
            site=site.site,
            sections=site.sections,
            sources=site.sources,
            feeds=site.feeds,
            digests=site.digests,
            mail=site.mail,
            web=site.web,
            store=site.store,
            jobs={name: job.with_off(days_off(job, calendar)) for name, job in schedule.jobs.items()},
            calendar=calendar.calendar,
            places=places,
        )
