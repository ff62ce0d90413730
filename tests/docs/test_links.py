"""Every link and every picture leads somewhere."""

import pytest

from tests.docs.documents import Document, all_documents


@pytest.mark.parametrize("each", all_documents(), ids=lambda each: each.name)
def test_relative_links_resolve(each):
    lost = [link for link in each.links if not leads_somewhere(each, link)]

    assert not lost


def leads_somewhere(each: Document, link: str) -> bool:
    place, _, heading = link.partition("#")
    target = (each.path.parent / place).resolve() if place else each.path
    if not target.exists():
        return False
    return not heading or heading in Document(target).anchors
