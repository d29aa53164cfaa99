"""OPML 2.0: every feed of the site in one list, for readers that import such lists."""

from collections.abc import Iterable

from lxml import etree

from publisher.feeds.clean import line


def render(
    title: str, owner: tuple[str, str | None, str], outlines: Iterable[tuple[str, dict[str, str]]]
) -> bytes:
    """Return the list. It carries no dates, so that it changes only when the feeds do.

    Args:
        title: of the list.
        owner: name, e-mail address when there is one, web address.
        outlines: (group, attributes of one feed), group by group.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    name, email, address = owner
    said = [("title", title), ("ownerName", name), ("ownerEmail", email), ("ownerId", address)]
    for tag, text in said:
        if text:
            etree.SubElement(head, tag).text = line(text)
    body = etree.SubElement(root, "body")
    groups: dict[str, etree._Element] = {}
    for group, attributes in outlines:
        if group not in groups:
            groups[group] = etree.SubElement(body, "outline", text=line(group))
        etree.SubElement(groups[group], "outline", {key: line(value) for key, value in attributes.items()})
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"
