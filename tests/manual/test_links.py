"""Links of pages, and where they lead in the manual."""

from __future__ import annotations

from manual.links import SOURCE, anchors, links, relinked, slug

PAGES = {"docs/a.md": "a.md", "docs/deep/b.md": "deep/b.md", "baselines/README.md": "recipes.md"}


def moved(text: str, source: str) -> str:
    return relinked(text, source, PAGES[source], PAGES)


def test_links_between_pages_hold() -> None:
    assert moved("[x](deep/b.md#y)", "docs/a.md") == "[x](deep/b.md#y)"
    assert moved("[x](../../baselines/README.md)", "docs/deep/b.md") == "[x](../recipes.md)"
    assert moved("[x](../docs/a.md)", "baselines/README.md") == "[x](a.md)"


def test_what_is_no_page_is_read_at_the_source() -> None:
    assert moved("[x](../tasks/t.yaml)", "docs/a.md") == f"[x]({SOURCE}/tasks/t.yaml)"


def test_links_elsewhere_and_within_stay() -> None:
    for text in ("[x](https://a.org/b)", "[x](#here)", "[x](mailto:a@b.org)"):
        assert moved(text, "docs/a.md") == text


def test_code_is_no_link() -> None:
    text = "`[slot](value)` and [x](../tasks/t.yaml) and ``a ` [b](c)``\n```\n[d](e)\n```\n"
    assert [link.target for link in links(text)] == ["../tasks/t.yaml"]
    assert moved(text, "docs/a.md") == text.replace("../tasks", f"{SOURCE}/tasks")


def test_pictures_come_along() -> None:
    assert moved("![x](../images/p.png)", "docs/deep/b.md") == "![x](../images/p.png)"


def test_a_link_around_a_picture_has_both() -> None:
    assert [link.target for link in links("[![x](images/p.png)](a.md)")] == ["a.md"]


def test_anchors_are_those_of_github() -> None:
    assert slug("`measure` RUN, and *more* (2026)") == "measure-run-and-more-2026"
    assert slug("A [link](b.md) in it") == "a-link-in-it"
    assert anchors("# A\n## B c\n## B c\n```\n# no\n```\n") == {"a", "b-c", "b-c-1"}
