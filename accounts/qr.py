"""QR codes, as phones show and papers print them."""

from io import BytesIO

import segno


def qr(text: str) -> str:
    """A QR code as an SVG document, of which a data URL can be made; never the micro kind, which few scanners read."""
    out = BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", scale=4, border=2, xmldecl=False, nl=False)
    return out.getvalue().decode()
