import time

import pytest

from extractions.presentation.document.markdown import PART, TextTable, parts_of, render_markdown, tables_of

OWN = {"_page_0_Picture_1.jpeg": "/extractions/x/pictures/0/"}


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "[click](JaVaScRiPt:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](javascript:alert(1))",
        '![x](_page_0_Picture_1.jpeg "onload=alert(1)")',
        "<iframe src=//evil.example>",
        "```html\n<script>alert(1)</script>\n```",
        "| <b onclick=alert(1)> |\n|---|\n| <script>alert(1)</script> |",
        "<svg onload=alert(1)>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        '[a](http://x/"onmouseover="alert(1))',
    ],
)
def test_nothing_in_a_text_can_act(text):
    html = render_markdown(text, OWN)

    assert "<script" not in html
    assert "<iframe" not in html
    assert "<svg" not in html
    assert "javascript:" not in html.lower().replace("](javascript:", "").replace("](javascript:".upper(), "")
    assert " on" not in "".join(part.split(">")[0] for part in html.split("<")[1:] if part.split(">")[0].isascii())


def test_a_picture_of_the_document_is_shown_from_its_own_address():
    html = render_markdown("![A house](_page_0_Picture_1.jpeg)", OWN)

    assert '<img src="/extractions/x/pictures/0/" alt="A house" loading="lazy">' in html


def test_a_picture_is_found_behind_a_folder_too():
    assert "/extractions/x/pictures/0/" in render_markdown("![](images/_page_0_Picture_1.jpeg)", OWN)


@pytest.mark.parametrize(
    "source", ["http://evil.example/x.png", "//evil.example/x.png", "/extractions/y/pictures/0/", "x"]
)
def test_any_other_picture_is_a_word_and_never_loaded(source):
    html = render_markdown(f"![the name]({source})", OWN)

    assert "<img" not in html
    assert "the name" in html


def test_links_leave_nothing_of_us_behind():
    assert 'rel="noopener noreferrer nofollow"' in render_markdown("[a](https://example.com)", {})


def test_tables_are_shown_without_style_attributes():
    html = render_markdown("| a | b |\n|---|--:|\n| 1 | 2 |", {})

    assert '<td class="text-end">2</td>' in html
    assert "style=" not in html


def test_tables_are_found_in_the_text():
    found = tables_of("words\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n- list\n\n| c |\n|---|\n")

    assert found == [TextTable(("a", "b"), (("1", "2"), ("3", "4"))), TextTable(("c",), ())]


def test_a_long_text_is_cut_between_paragraphs_and_nothing_is_lost():
    paragraphs = [f"Paragraph {number} " + "x" * 900 for number in range(300)]

    parts = parts_of("\n\n".join(paragraphs))

    assert len(parts) > 3
    assert max(map(len, parts)) <= PART
    assert "\n\n".join(parts).split("\n\n") == paragraphs


def test_a_text_without_paragraphs_is_cut_all_the_same():
    assert "".join(parts_of("x" * (PART * 2 + 5))) == "x" * (PART * 2 + 5)


@pytest.mark.parametrize("pattern", ["[", "*a ", "![[", "> ", "- ", "a<", "_a*", "|", "`` ` "])
def test_a_text_made_to_be_slow_is_rendered_in_time(pattern):
    text = (pattern * PART)[:PART]

    begun = time.process_time()
    render_markdown(text, {})

    assert time.process_time() - begun < 4
