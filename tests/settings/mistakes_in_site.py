"""Mistakes that people make in ``config/site.yaml``, and what they are told.

A row: what it is, the text that is replaced and what by, and the lines of the answer from ``LINE:COLUMN`` on.
"""

# ruff: noqa: E501 - an answer is one line, and stands here as an operator reads it

VALID = """\
site:
  title: {en: The Hill Post, vi: Báo Đồi}
  url: https://hillpost.org
  languages: [en, vi]
  timezone: Europe/Berlin
  tag_authority: hillpost.org,2026
sections:
  politics:
    title: {en: Politics, vi: Chính trị}
    aliases: [NEWS - POLITICS]
  economy:
    title: {en: Economy, vi: Kinh tế}
    aliases: [BUSINESS]
    was: [money]
sources:
  inbox:
    path: var/inbox
    section: politics
feeds:
  entries: 50
  named:
    hills:
      title: {en: Hills, vi: Đồi}
      sections: [politics]
digests:
  morning:
    title: {en: Morning, vi: Buổi sáng}
    layout: recent
    sections:
      - section: politics
      - section: economy
        limit: 3
    max_age: 3d
    look:
      accent: "#8a1c1c"
mail:
  sender: desk@hillpost.org
  transport: maildir
store:
  url: sqlite:///var/publisher.sqlite3
"""

# fmt: off
MISTAKES: list[tuple[str, str, str, list[str]]] = [
    (
        "a key indented too far", "  url: https", "    url: https",
        ["3:5: the line is indented by 4 spaces, the keys above it by 0, 2; indent the keys of one map alike"],
    ),
    (
        "the first key of a map indented by three", "  politics:\n", "   politics:\n",
        ["8:4: the line is indented by 3 spaces, the next key of its map (line 11) by 2; indent the keys of one map alike"],
    ),
    (
        "a key below a text, indented", "  - section: economy\n", "  - economy\n",
        ["31:7: this line has no colon; write - key: economy"],
    ),
    (
        "a tab for indentation", "\n  timezone", "\n	timezone",
        ["5:1: a tab stands here, and YAML is indented with spaces; replace it with two spaces"],
    ),
    (
        "a tab after two spaces", "    layout: recent", "  	layout: recent",
        ["28:3: a tab stands here, and YAML is indented with spaces; replace it with two spaces"],
    ),
    (
        "a key twice", "timezone: Europe/Berlin", "timezone: Europe/Berlin\n  timezone: Europe/Paris",
        ["6:3: site.timezone: stands here a second time, first in line 5; keep one of them"],
    ),
    (
        "a whole part twice", "sources:\n", "sections:\n",
        ["15:1: sections: stands here a second time, first in line 7; keep one of them"],
    ),
    (
        "a zone misspelt", "Europe/Berlin", "Europe/Berlinn",
        ["5:13: site.timezone: 'Europe/Berlinn' is no time zone; did you mean Europe/Berlin"],
    ),
    (
        "a city for a zone", "Europe/Berlin", "Berlin",
        ["5:13: site.timezone: 'Berlin' is no time zone; did you mean Europe/Berlin"],
    ),
    (
        "a zone in small letters", "Europe/Berlin", "europe/berlin",
        ["5:13: site.timezone: 'europe/berlin' is no time zone; did you mean Europe/Berlin"],
    ),
    (
        "an offset for a zone", "Europe/Berlin", "UTC+7",
        ["5:13: site.timezone: 'UTC+7' is an offset, which knows no daylight saving; write a place such as Asia/Ho_Chi_Minh"],
    ),
    (
        "an unknown section", "- section: economy", "- section: econmy",
        ["31:18: digests.morning.sections[1].section: there is no section 'econmy'; did you mean economy"],
    ),
    (
        "a section's former name", "- section: economy", "- section: money",
        ["31:18: digests.morning.sections[1].section: there is no section 'money'; it is called economy now"],
    ),
    (
        "a section by its title", "    section: politics", "    section: Politics",
        ["18:14: sources.inbox.section: there is no section 'Politics'; did you mean politics"],
    ),
    (
        "an unknown section of a feed", "sections: [politics]", "sections: [politics, sport]",
        ["24:28: feeds.named.hills.sections[1]: there is no section 'sport'; known: politics, economy"],
    ),
    (
        "keys where a list belongs", "      - section: politics\n      - section: economy\n        limit: 3", "      politics: 3",
        ["29:5: digests.morning.sections: a list belongs here, not keys with values; begin each entry with a dash: - section: …"],
    ),
    (
        "a list without brackets", "languages: [en, vi]", "languages: en, vi",
        ["4:14: site.languages: a list belongs here, not 'en, vi'; write [en, vi]"],
    ),
    (
        "a country for a language", "languages: [en, vi]", "languages: [en, vn]",
        ["4:19: site.languages[1]: 'vn' is no language tag; did you mean vi"],
    ),
    (
        "a language without a title", "languages: [en, vi]", "languages: [en, vi, fr]",
        ["2:3: site.title: has no wording for fr, a language of the site; add fr: …"],
    ),
    (
        "an empty list", "languages: [en, vi]", "languages: []",
        ["4:14: site.languages: is an empty list; write at least one"],
    ),
    (
        "a bracket that is not closed", "languages: [en, vi]", "languages: [en, vi",
        ["4:14: this [ is not closed, or a comma is missing after it; close it with ]"],
    ),
    (
        "a comma forgotten", "languages: [en, vi]", "languages: [en vi]",
        ["4:15: site.languages[0]: 'en vi' is no language tag; did you mean en, vi"],
    ),
    (
        "a title without its language", "title: {en: The Hill Post, vi: Báo Đồi}", "title: The Hill Post",
        ["2:10: site.title: keys with values belong here, not 'The Hill Post'; write {en: The Hill Post}"],
    ),
    (
        "a colon in a title", "title: {en: The Hill Post, vi: Báo Đồi}", "title: {en: 'The Hill Post', vi: Báo: Đồi}",
        ["2:39: a second colon stands in this entry; put text that holds a colon in quotes, or a comma before the key"],
    ),
    (
        "curly quotes in braces", "title: {en: The Hill Post, vi: Báo Đồi}", "title: {en: “The Hill Post”, vi: Báo Đồi}",
        ['2:15: site.title.en: the curly quotes “” do not quote in YAML, they become part of the value; did you mean "The Hill Post"'],
    ),
    (
        "a colon glued in braces", "title: {en: The Hill Post, vi: Báo Đồi}", "title: {en:The Hill Post, vi: Báo Đồi}",
        ["2:11: site.title.en: after the colon a space is missing; write en: The Hill Post"],
    ),
    (
        "a colon in a title of its own line", "title: {en: Morning, vi: Buổi sáng}", "title:\n      en: Morning: news\n      vi: Buổi sáng",
        ["28:18: a text that holds a colon needs quotes; put the whole value in quotes"],
    ),
    (
        "an apostrophe in single quotes", "vi: Buổi sáng}", "vi: 'Editor's pick'}",
        ["27:38: the quotes end before the value does; put the whole value in the other kind of quotes"],
    ),
    (
        "a title without anything", "title: {en: Morning, vi: Buổi sáng}", "title:",
        ["27:5: digests.morning.title: is missing; add it: Its name per language"],
    ),
    (
        "an address without https", "  url: https://hillpost.org", "  url: hillpost.org",
        ["3:8: site.url: 'hillpost.org' is no web address; did you mean https://hillpost.org"],
    ),
    (
        "an address left out", "  url: https://hillpost.org\n", "",
        ["1:1: site.url: is missing; add it: Where `public/` is served from, without a slash at the end"],
    ),
    (
        "a tag authority without its date", "hillpost.org,2026", "hillpost.org",
        ["6:18: site.tag_authority: 'hillpost.org' is no domain with a date on which you held it; did you mean hillpost.org,2026"],
    ),
    (
        "a layout in capitals", "layout: recent", "layout: Recent",
        ["28:13: digests.morning.layout: 'Recent' is none of recent, brief, text; did you mean recent"],
    ),
    (
        "a number in words", "limit: 3", "limit: three",
        ["32:16: digests.morning.sections[1].limit: 'three' is no whole number; write digits only"],
    ),
    (
        "a number too large", "limit: 3", "limit: 300",
        ["32:16: digests.morning.sections[1].limit: 300 is too large; 100 is the most"],
    ),
    (
        "a colour without quotes", 'accent: "#8a1c1c"', "accent: #8a1c1c",
        ["35:7: digests.morning.look.accent: has no value: # begins a comment; put it in quotes: '#8a1c1c'"],
    ),
    (
        "a colour by its name", 'accent: "#8a1c1c"', "accent: darkred",
        ["35:15: digests.morning.look.accent: 'darkred' is no colour; write # and six hexadecimal digits, in quotes: '#8a1c1c'"],
    ),
    (
        "a colour nobody can read", 'accent: "#8a1c1c"', 'accent: "#dddddd"',
        ["35:7: digests.morning.look.accent: too little contrast with the ground: accent (1.4); at least 4.5 is needed, 7 is good"],
    ),
    (
        "an address with a name", "sender: desk@hillpost.org", "sender: Desk <desk@hillpost.org>",
        ["37:11: mail.sender: 'Desk <desk@hillpost.org>' is no e-mail address: A display name and angle brackets around the email address are not permitted here; did you mean desk@hillpost.org"],
    ),
    (
        "smtp without a server", "transport: maildir", "transport: smtp",
        ["38:3: mail.transport: smtp needs a server; add smtp: with its host below mail"],
    ),
    (
        "a password in the file", "transport: maildir", "transport: smtp\n  smtp:\n    host: mail.hillpost.org\n    password: hunter2",
        ["41:5: mail.smtp.password: a secret does not belong in a file; delete it here and set PUBLISHER_SMTP_PASSWORD in the environment"],
    ),
    (
        "a password of a relay in the file", "transport: maildir", "transport: smtp\n  relays:\n    second:\n      host: mail.hillpost.org\n      password: hunter2",
        ["42:7: mail.relays.second.password: a secret does not belong in a file; delete it here and set PUBLISHER_SMTP_PASSWORD_SECOND in the environment"],
    ),
    (
        "two servers of one name", "transport: maildir", "transport: smtp\n  smtp: {host: a.hillpost.org}\n  relays: {smtp: {host: b.hillpost.org}}",
        ["40:3: mail.relays: a relay cannot be named smtp beside smtp; name it otherwise"],
    ),
    (
        "a password in the store's address", "sqlite:///var/publisher.sqlite3", "postgresql://desk:hunter2@db/p",
        ["40:8: store.url: a password or key does not belong in a file; take it out and set PUBLISHER_STORE_PASSWORD in the environment"],
    ),
    (
        "another scheme for the store", "sqlite:///var/publisher.sqlite3", "postgres://desk@db/p",
        ["40:8: store.url: 'postgres://desk@db/p' is no store; did you mean postgresql://desk@db/p"],
    ),
    (
        "a source from two places", "path: var/inbox", "path: var/inbox\n    url: https://wire.org/f.xml",
        ["16:3: sources.inbox: a source has either path or url, this has both; take one out"],
    ),
    (
        "a section named like the feed of everything", "  economy:\n    title", "  all:\n    title",
        [
            "11:3: sections.all: the name all is taken by the feed of everything; choose another",
            "31:18: digests.morning.sections[1].section: there is no section 'economy'; known: politics, all",
        ],
    ),
    (
        "a feed named like a section", "    hills:\n", "    politics:\n",
        ["22:5: feeds.named.politics: the name politics is taken by the section politics; choose another"],
    ),
    (
        "a label of two sections", "[NEWS - POLITICS]", "[NEWS - POLITICS, Business]",
        ["13:15: sections.economy.aliases[0]: 'BUSINESS' already means the section politics (line 10); keep it in one of them"],
    ),
    (
        "a former name that is in use", "was: [money]", "was: [politics]",
        ["14:11: sections.economy.was[0]: the name politics is taken by the section politics; choose another"],
    ),
    (
        "a key of the other file", "mail:\n", "jobs: {}\nmail:\n",
        ["36:1: jobs: there is no such key; jobs stand in config/schedule.yaml"],
    ),
    (
        "a key of another part", "feeds:\n", "feeds:\n  timezone: Europe/Paris\n",
        ["20:3: feeds.timezone: there is no such key; timezone is a key of site"],
    ),
    (
        "an alias without its anchor", "max_age: 3d", "max_age: *age",
        ["33:14: there is no anchor for *age; put the value in quotes if it is no alias"],
    ),
    (
        "a template without quotes", "max_age: 3d", "subject: {{ lead.title }}",
        ["33:14: digests.morning.subject: a value that begins with { or [ is no text to YAML; put it in quotes"],
    ),
    (
        "a backslash in double quotes", "max_age: 3d", 'subject: "C:\\data"',
        ["33:18: in double quotes \\ has a meaning of its own; use single quotes"],
    ),
    (
        "a second document", "mail:\n", "---\nmail:\n",
        ["36:1: a second --- begins another document; keep everything in one"],
    ),
]
