"""Templates: a site's stand before ours, HTML is escaped, and mistakes have a place."""

from pathlib import Path

import pytest

from publisher.errors import ConfigError
from publisher.templating import markup, render, render_line, templates


@pytest.fixture
def site_templates(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return tmp_path


def own(site_templates: Path, name: str, source: str) -> str:
    (site_templates / "own" / name).write_text(source, encoding="utf-8")
    return f"own/{name}"


def test_html_is_escaped_and_plain_text_is_not(site_templates: Path) -> None:
    page = own(site_templates, "a.html", "<p>{{ said }}{{ ready }}</p>")
    line = own(site_templates, "a.txt", "{{ said }}")
    environment = templates(site_templates)

    assert render(environment, page, said="<&>", ready=markup("<b>")) == "<p>&lt;&amp;&gt;<b></p>"
    assert render(environment, line, said="<&>") == "<&>"


def test_a_sites_file_stands_before_ours(site_templates: Path) -> None:
    (site_templates / "digest").mkdir()
    (site_templates / "digest" / "note.html").write_text("ours it is not", encoding="utf-8")

    assert render(templates(site_templates), "digest/note.html") == "ours it is not"
    assert (
        'class="note' in (Path(templates(None).get_template("digest/note.html").filename or "")).read_text()
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("one\n{{ nobody }}", r"a\.html:2: 'nobody' is undefined"),
        ("{% for x in %}", r"a\.html:1: "),
        ("\n\n{{ 1 // 0 }}", r"a\.html:3: "),
        ("{{ {}['k'].x }}", r"a\.html:1: "),
        ("{% include 'own/b.html' %}", r"own/b\.html: there is no such template"),
        ("{{ 'x' + 1 }}", r"a\.html:1: "),
    ],
)
def test_a_mistake_is_named_with_file_and_line(site_templates: Path, source: str, says: str) -> None:
    name = own(site_templates, "a.html", source)

    with pytest.raises(ConfigError, match=says):
        render(templates(site_templates), name)


def test_a_mistake_in_an_included_file_is_named_there(site_templates: Path) -> None:
    own(site_templates, "inner.html", "fine\n{{ absent.name }}")
    name = own(site_templates, "outer.html", "\n\n\n{% include 'own/inner.html' %}")

    with pytest.raises(ConfigError, match=r"inner\.html:2: 'absent' is undefined"):
        render(templates(site_templates), name)


def test_a_line_from_the_config_is_plain_and_on_one_line() -> None:
    environment = templates(None)

    assert render_line(environment, " {{ a }}\n\n & b ", "here", a="<x>") == "<x> & b"
    with pytest.raises(ConfigError, match=r"^site\.yaml: digests\.x\.subject: 'b' is undefined"):
        render_line(environment, "{{ b }}", "site.yaml: digests.x.subject")


def test_an_edited_template_counts_in_the_next_environment(tmp_path: Path) -> None:
    said = []
    for text in ("one {{ a }}", "two {{ a }}"):
        (tmp_path / "x.html").write_text(text, encoding="utf-8")
        said.append(render(templates(tmp_path), "x.html", a="&"))

    assert said == ["one &amp;", "two &amp;"]
