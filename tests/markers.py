"""A document with a word of its own in every place, to look for once it is erased."""

from extractions.models import Change, Comment, PageWords, Value
from tests.factories import State, make_content_image, make_extraction, make_page, pdf


def secret(number):
    """A word that stands nowhere else, without a beginning in common with another: the index packs those."""
    return f"{chr(ord('a') + number)}quagga{number:02}"


WHERE = ("name", "content", "value", "typed", "comment", "metadata", "page words", "change", "reason", "picture", "raw")
SECRETS = {where: secret(number) for number, where in enumerate(WHERE)}


def make_document_with_secrets(owner):
    words = SECRETS
    extraction = make_extraction(
        owner=owner,
        state=State.EXTRACTED,
        name=f"{words['name']}.pdf",
        content=f"# Invoice\n\n{words['content']} " + " ".join(f"filler{number}" for number in range(300)),
        extracted_data={"supplier": words["value"]},
        raw={"extracted_data": {"supplier": words["raw"]}},
        metadata={"reference": words["metadata"]},
        reject_reason=words["reason"],
        content_of_file=pdf(1, words["content"]),
    )
    Value.objects.create(
        extraction=extraction, path="supplier", position=0, text=words["value"], extracted=words["value"],
        typed=words["typed"],
    )  # fmt: skip
    PageWords.objects.create(
        extraction=extraction, number=1, words=[[0, 0, 1, 1, words["page words"]]], source="text layer"
    )
    Change.objects.create(
        extraction=extraction, path="supplier", kind=Change.Kind.SET, before={}, after={"value": words["change"]},
        author=owner,
    )  # fmt: skip
    Comment.objects.create(extraction=extraction, author=owner, text=words["comment"])
    make_content_image(extraction, words["picture"].encode())
    make_page(extraction)
    return extraction
