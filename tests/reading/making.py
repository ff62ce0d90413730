"""Small documents, made when a test needs them."""

import io
import itertools
import unicodedata
import zipfile

import pikepdf
import pypdfium2
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageOps


def pdf(path, *pages, size=12):
    """One PDF page for each text."""
    document = FPDF(format="A4")
    document.set_font("Helvetica", size=size)
    for text in pages:
        document.add_page()
        document.multi_cell(0, text=text)
    document.output(str(path))
    return path


def encrypted_pdf(path, *, user, owner):
    plain = pdf(path.with_suffix(".plain.pdf"), "Hello")
    with pikepdf.open(plain) as document:
        document.save(path, encryption=pikepdf.Encryption(user=user, owner=owner))
    return path


def turned_pdf(path, source, *, rotate=0, cropbox=None):
    with pikepdf.open(source) as document:
        for page in document.pages:
            page.Rotate = rotate
            if cropbox:
                page.CropBox = pikepdf.Array(cropbox)
        document.save(path)
    return path


def image(path, size=(200, 100), color="white", **options):
    Image.new("RGB", size, color).save(path, **options)
    return path


def picture_of_text(lines, *, size=32, width=1240, height=None, margin=80):
    """Black text on white, as a printer would put it."""
    step = size * 1.8
    document = FPDF(unit="pt", format=(width, height or 2 * margin + step * len(lines)))
    document.core_fonts_encoding = "cp1252"
    document.set_font("Helvetica", size=size)
    document.add_page()
    for number, line in enumerate(lines):
        document.text(margin, margin + size + number * step, line)
    with pypdfium2.PdfDocument(bytes(document.output())) as pdf:
        return pdf[0].render(scale=1).to_pil().convert("RGB")


def zipped(*members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in members:
            archive.writestr(name, text)
    return content.getvalue()


def placed_pdf(path, texts, size=10):
    """One page with each text at its point (x to the right, y downwards to the foot of the letters)."""
    document = FPDF(unit="pt", format="A4")
    document.set_font("Helvetica", size=size)
    document.add_page()
    for x, y, text in texts:
        document.text(x, y, text)
    document.output(str(path))
    return path


def pdf_with_tight_blanks(path, text):
    """Its font tells a tight blank from an ordinary one, which most fonts do not."""
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        font.ToUnicode = document.make_stream(
            b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
            b"2 beginbfrange <20> <7e> <0020> <a0> <a0> <00a0> endbfrange endcmap"
        )
        page.Resources = pikepdf.Dictionary(Font={"/F1": document.make_indirect(font)})
        page.Contents = document.make_stream(b"BT /F1 12 Tf 72 720 Td (%b) Tj ET" % text.encode("latin-1"))
        document.save(path)
    return path


def pdf_with_scan(path, text, scan, hidden=""):
    """A page with text and a page that is a picture, perhaps with invisible text."""
    document = FPDF(unit="pt", format="A4")
    document.set_font("Helvetica", size=12)
    document.add_page()
    document.multi_cell(0, text=text)
    document.add_page()
    document.image(str(scan), 0, 0, document.w, document.h)
    if hidden:
        with document.local_context(text_mode="INVISIBLE"):
            document.multi_cell(0, text=hidden)
    document.output(str(path))
    return path


def ink(picture):
    """The smallest box that holds all that is dark."""
    return ImageOps.invert(picture.convert("L")).getbbox()


def ink_columns(picture, wider_than):
    """Where ink begins and ends from left to right, taking blanks up to so many pixels for part of a word."""
    width, height = picture.size
    dark = [x for x in range(width) if min(picture.crop((x, 0, x + 1, height)).convert("L").tobytes()) < 128]
    edges = [dark[0]]
    for before, after in itertools.pairwise(dark):
        if after - before > wider_than:
            edges += [before, after]
    return [*edges, dark[-1]]


def pdf_with_picture(path, picture, place):
    """A page of text with a picture at (x, y, width, height) in points."""
    document = FPDF(unit="pt", format="A4")
    document.set_font("Helvetica", size=11)
    document.add_page()
    document.multi_cell(0, text="Words above the picture go on and on. " * 8)
    x, y, width, height = place
    document.image(str(picture), x, y, width, height)
    document.set_y(y + height + 60)
    document.multi_cell(0, text="Words below the picture go on and on. " * 8)
    document.output(str(path))
    return path


def text_width(text, size):
    document = FPDF(unit="pt")
    document.set_font("Helvetica", size=size)
    return document.get_string_width(text)


def form_pdf(path, fields, texts=()):
    """A page with form fields: (kind, rectangle, value), where kind is text, comb or tick. Nothing draws the values."""
    placed_pdf(path, texts or [(60, 60, "Form")])
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        made = [document.make_indirect(_widget(number, *field)) for number, field in enumerate(fields)]
        document.pages[0].Annots = document.make_indirect(pikepdf.Array(made))
        document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(made))
        document.save(path)
    return path


def _widget(number, kind, rect, value):
    widget = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, Rect=list(rect), F=4)
    widget.T = f"field{number}"
    if kind == "tick":
        state = pikepdf.Name("/On" if value else "/Off")
        widget.FT, widget.V, widget.AS = pikepdf.Name.Btn, state, state
        widget.AP = pikepdf.Dictionary(N=pikepdf.Dictionary({"/On": pikepdf.Dictionary()}))
    else:
        widget.FT, widget.V, widget.MaxLen = pikepdf.Name.Tx, value, 20
        widget.Ff = 1 << 24 if kind == "comb" else 0
    return widget


def picture_of_box(*, ticked, size=72):
    """A check box as a scanner or a word processor would keep it."""
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    edge = size // 10
    draw.rectangle((edge, edge, size - edge, size - edge), outline="black", width=4)
    if ticked:
        draw.line((2 * edge, 2 * edge, size - 2 * edge, size - 2 * edge), fill="black", width=5)
        draw.line((2 * edge, size - 2 * edge, size - 2 * edge, 2 * edge), fill="black", width=5)
    return image


def sideways_pdf(path, source, degrees):
    """The same pages with all that is drawn turned clockwise, and nothing that says so."""
    with pikepdf.open(source) as document:
        for page in document.pages:
            _, _, width, height = map(float, page.MediaBox)
            turn = {90: (0, -1, 1, 0, 0, width), 180: (-1, 0, 0, -1, width, height), 270: (0, 1, -1, 0, height, 0)}
            page.contents_add(b"q %g %g %g %g %g %g cm\n" % turn[degrees], prepend=True)
            page.contents_add(b"\nQ")
            if degrees != 180:
                page.MediaBox = [0, 0, height, width]
        document.save(path)
    return path


def pdf_with_told_letters(path, lines, first=0x20):
    """Helvetica that draws these lines, and tells that its letters from the blank on are those from `first` on."""
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        font.ToUnicode = document.make_stream(
            b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
            b"1 beginbfrange <20> <7e> <%04x> endbfrange endcmap" % first
        )
        page.Resources = pikepdf.Dictionary(Font={"/F1": document.make_indirect(font)})
        drawn = b" ".join(b"(%b) Tj T*" % line.encode("latin-1") for line in lines)
        page.Contents = document.make_stream(b"BT /F1 12 Tf 20 TL 72 720 Td %b ET" % drawn)
        document.save(path)
    return path


def pdf_with_decomposed(path, text):
    """A font that tells letters with accents as two characters each."""
    drawn = unicodedata.normalize("NFC", text)
    told = {ord(letter): unicodedata.normalize("NFD", letter).encode("utf-16-be").hex() for letter in drawn}
    with pikepdf.open(pdf_with_told_letters(path, [drawn + " and words enough for a page"])) as document:
        chars = [b"<%02x> <%b>\n" % (code, told[code].encode()) for code in told if code > 0x7F]
        document.pages[0].Resources.Font["/F1"].ToUnicode = document.make_stream(
            b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
            b"1 beginbfrange <20> <7e> <0020> endbfrange %d beginbfchar\n"
            % len(chars)
            + b"".join(chars)
            + b"endbfchar endcmap"
        )
        document.pages[0].Resources.Font["/F1"].Encoding = pikepdf.Name.WinAnsiEncoding
        document.save(path.with_suffix(".apart.pdf"))
    return path.with_suffix(".apart.pdf")
