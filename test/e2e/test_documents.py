"""Documents as people have them: thirty files in every format and encoding, and what of them reaches the model."""
import email.message
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.request
import zipfile
import zlib

from fleet_under_test import BINARY, ROOT, Fleet

PROVIDER = pathlib.Path(os.environ.get("FLOTTE_SCRIPTED", pathlib.Path(BINARY).parent / "tools/scripted_provider/scripted_provider"))
PROMPT = "Summarise this document."

GERMAN = "Grüße aus der Werkstatt: Die Prüfung der Pumpe kostet 230 Euro, und der Schlüssel für das Lager fehlt noch."
JAPANESE = "設備の点検を行い、異常がないことを確認しました。来週の会議で報告します。"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def archive(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, content in files.items():
            z.writestr(name, content)
    return out.getvalue()


def docx(heading, text):
    """A heading, a paragraph, a list, a table and a footnote."""
    def p(style, words, more=""):
        return f'<w:p><w:pPr>{style}</w:pPr><w:r><w:t>{words}</w:t></w:r>{more}</w:p>'
    item = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = (p('<w:pStyle w:val="H1"/>', heading) + p("", text, '<w:r><w:footnoteReference w:id="1"/></w:r>') + p(item, "erstens") +
            p(item, "zweitens") + "<w:tbl><w:tr><w:tc>" + p("", "Teil") + "</w:tc><w:tc>" + p("", "Preis") + "</w:tc></w:tr><w:tr><w:tc>" +
            p("", "Ventil") + "</w:tc><w:tc>" + p("", "12,50") + "</w:tc></w:tr></w:tbl>")
    return archive({
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": f'<?xml version="1.0" encoding="UTF-8"?><w:document {W}><w:body>{body}</w:body></w:document>',
        "word/styles.xml": f'<w:styles {W}><w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style></w:styles>',
        "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:id="1">{p("", "laut Wartungsbuch")}</w:footnote></w:footnotes>'})


def epub():
    chapter = '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body><h2>{}</h2><p>{}</p></body></html>'
    return archive({
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OEBPS/content.opf"/></rootfiles></container>',
        "OEBPS/content.opf": '<package><metadata><title>Das Betriebsbuch</title></metadata><manifest>'
                             '<item id="b" href="zwei.xhtml" media-type="application/xhtml+xml"/>'
                             '<item id="a" href="eins.xhtml" media-type="application/xhtml+xml"/></manifest>'
                             '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        "OEBPS/zwei.xhtml": chapter.format("Zweites Kapitel", JAPANESE), "OEBPS/eins.xhtml": chapter.format("Erstes Kapitel", GERMAN)})


def message(subject, text, charset, transfer):
    m = email.message.EmailMessage()
    m["From"], m["To"], m["Date"] = "Jürgen Müller <j@example.org>", "lager@example.org", "Mon, 02 Mar 2026 10:00:00 +0100"
    m["Subject"] = subject
    m.set_content(text, charset=charset, cte=transfer)
    return m


def mail_with_everything():
    inner = message("Innen", "Die innere Nachricht nennt das Ventil.", "utf-8", "base64")
    m = message("Außen", GERMAN, "utf-8", "quoted-printable")
    m.add_alternative(f"<p>{GERMAN}</p>", subtype="html")
    m.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="Größen.pdf")
    m.add_attachment(inner)
    return bytes(m)


def pdf_of_pictures(pictures):
    """(width, height, gray bytes) of each page at 200 dots per inch."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    pages = []
    for width, height, gray in pictures:
        packed = zlib.compress(gray)
        number = len(objects) + 1
        draw = f"q {width * 72 / 200:.2f} 0 0 {height * 72 / 200:.2f} 0 0 cm /I Do Q"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width * 72 / 200:.2f} {height * 72 / 200:.2f}] /Contents {number + 1} 0 R"
                       f" /Resources << /XObject << /I {number + 2} 0 R >> >> >>")
        objects.append(f"<< /Length {len(draw)} >>\nstream\n{draw}\nendstream")
        objects.append(f"<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8"
                       f" /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream")
        pages.append(f"{number} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(pages)}] /Count {len(pages)} >>"
    return pdf_of(objects)


def pdf_of(objects, trailer=""):
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + (content if isinstance(content, bytes) else content.encode()) + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + (f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + table +
                  f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n".encode())


def scan_of(pdf, pages=1):
    """What a copier makes of a PDF: its pages as pictures."""
    pictures = []
    for page in range(1, pages + 1):
        pgm = subprocess.run(["pdftoppm", "-r", "200", "-gray", "-f", str(page), "-l", str(page), str(pdf)], check=True,
                             capture_output=True).stdout
        head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", pgm)
        pictures.append((int(head[1]), int(head[2]), pgm[head.end():]))
    return pdf_of_pictures(pictures)


def locked_pdf():
    """Says that it is encrypted; no password fits."""
    key = "<" + "41" * 32 + ">"
    return pdf_of(["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                   "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>",
                   f"<< /Filter /Standard /V 1 /R 2 /O {key} /U {key} /P -4 >>"], "/Encrypt 4 0 R /ID [<00> <00>]")


def thirty_files():
    """Name -> (bytes, what the model must get of it)."""
    german, japanese = GERMAN + "\n", JAPANESE + "\n"
    samples = ROOT / "samples"
    whole = docx("Prüfbericht", GERMAN)
    page = "<html><head><meta http-equiv='Content-Type' content='text/html; charset={}'></head><body><h1>{}</h1><p>{}</p></body></html>"
    return {
        "01-utf8.txt": (german.encode(), [GERMAN]),
        "02-utf8-mark.txt": (german.encode("utf-8-sig"), [GERMAN]),
        "03-utf16-mark.txt": (b"\xff\xfe" + german.encode("utf-16-le"), [GERMAN]),
        "04-utf16-big-mark.txt": (b"\xfe\xff" + japanese.encode("utf-16-be"), [JAPANESE]),
        "05-utf16.txt": (german.encode("utf-16-le"), [GERMAN]),
        "06-utf16-big.txt": (japanese.encode("utf-16-be"), [JAPANESE]),
        "07-shift-jis.txt": (japanese.encode("cp932"), [JAPANESE]),
        "08-euc-jp.txt": (japanese.encode("euc_jp"), [JAPANESE]),
        "09-iso-2022-jp.txt": (japanese.encode("iso2022_jp"), [JAPANESE]),
        "10-windows-1252.txt": ((german + "„20 €“ – gut\n").encode("cp1252"), [GERMAN, "„20 €“ – gut"]),
        "11-latin-1.md": (("# Notiz\r\n\r\n" + german).encode("latin-1"), ["# Notiz\n\n" + GERMAN]),
        "12-mojibake.txt": (german.encode().decode("cp1252").encode(), [GERMAN]),
        "13-mojibake-mac.txt": (german.encode().decode("mac_roman").encode(), [GERMAN]),
        "14-page-shift-jis.html": (page.format("Shift_JIS", "見出し", JAPANESE).encode("cp932"), ["# 見出し", JAPANESE]),
        "15-page-euc.xhtml": (("<?xml version='1.0' encoding='EUC-JP'?>" + page.format("EUC-JP", "見出し", JAPANESE)).encode("euc_jp"), [JAPANESE]),
        "16-page-1252.htm": (page.format("windows-1252", "Titel", GERMAN).encode("cp1252"), ["# Titel", GERMAN]),
        "17-asks.jsonl": (json.dumps({"prompt": GERMAN}).encode() + b"\n", [GERMAN]),
        "18-notes.md": (("## Notizen\n\n- " + german).encode(), ["## Notizen\n\n- " + GERMAN]),
        "19-report.pdf": ((samples / "en/calibration-report.pdf").read_bytes(), ["alibration"]),
        "20-scan-en.pdf": (scan_of(samples / "en/calibration-report.pdf"), ["alibration"]),
        "21-scan-de.pdf": (scan_of(samples / "de/angebotsvergleich.pdf"), ["ngebot"]),
        "22-brief.docx": (whole, ["# Prüfbericht", GERMAN + "[^1]", "- erstens\n- zweitens", "| Ventil | 12,50 |", "[^1]: laut Wartungsbuch"]),
        "23-bericht.docx": (docx("点検報告", JAPANESE), ["# 点検報告", JAPANESE]),
        "24-buch.epub": (epub(), ["# Das Betriebsbuch\n\n## Erstes Kapitel\n\n" + GERMAN + "\n\n## Zweites Kapitel\n\n" + JAPANESE]),
        "25-brief.eml": (bytes(message("Prüfung", german, "iso-8859-1", "quoted-printable")), ["From: Jürgen Müller", "Subject: Prüfung", GERMAN]),
        "26-japan.eml": (bytes(message("点検報告", japanese, "iso-2022-jp", "7bit")), ["Subject: 点検報告", JAPANESE]),
        "27-alles.eml": (mail_with_everything(), [GERMAN, "Attachments: Größen.pdf", "Subject: Innen", "Die innere Nachricht nennt das Ventil."]),
        "28-box.mbox": (b"From a@b Mon Mar  2 10:00:00 2026\n" + bytes(message("eins", german, "utf-8", "base64")) +
                        b"\n\nFrom a@b Mon Mar  3 10:00:00 2026\n" + bytes(message("zwei", japanese, "utf-8", "base64")),
                        ["Subject: eins", GERMAN, "Subject: zwei", JAPANESE]),
        "29-damaged.docx": (whole[:len(whole) // 2], None),
        "30-photo.pdf": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), None),
    }


class Provider:
    def __enter__(self):
        self.process = subprocess.Popen([str(PROVIDER), "--key", "sk-scripted"], stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"http://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def fleet(self, environment=None):
        fleet = Fleet(f'default = "m"\n[[provider]]\nname = "openai"\ndialect = "openai"\nbase_url = "{self.url}/v1"\n'
                     'api_key = "env:OPENAI_API_KEY"\n[[model]]\nname = "m"\n'
                     'targets = [ { provider = "openai", model = "m" } ]\n',
                     environment={"OPENAI_API_KEY": "sk-scripted", **(environment or {})})
        (fleet.folder / "models.toml").write_text('[[model]]\nvendor = "openai"\nmodel = "m"\ncontext_tokens = 100000\n')
        return fleet

    def questions(self):
        """What the model was asked."""
        with urllib.request.urlopen(self.url + "/control/log") as answer:
            log = json.load(answer)["requests"]
        return ["\n".join(m["content"] for m in json.loads(entry["body"])["messages"]) for entry in log if "completions" in entry["target"]]


def rows_of(folder):
    return [json.loads(line) for line in pathlib.Path(folder, "results.jsonl").read_text().splitlines()]


class Documents(unittest.TestCase):
    def run_batch(self, fleet, files):
        folder = fleet.folder / "in"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        out = fleet.folder / "out"
        done = fleet.cli("batch", "run", folder, "--prompt", PROMPT, "-o", out, check=False)
        return done, {pathlib.Path(r["input"].split(".jsonl:")[0]).name: r for r in rows_of(out)}

    def test_the_right_text_of_thirty_files_reaches_the_model_and_two_say_why_not(self):
        files = thirty_files()
        self.assertEqual(len(files), 30)
        with Provider() as provider, provider.fleet() as fleet:
            done, rows = self.run_batch(fleet, {name: content for name, (content, _) in files.items()})
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertEqual(len(rows), 30)
            asked = provider.questions()
            for name, (_, wanted) in files.items():
                row = rows[name.removesuffix(".jsonl")]
                if wanted is None:
                    continue
                self.assertEqual(row["state"], "succeeded", row)
                mine = [q for q in asked if f"[{name}]" in q] if not name.endswith(".jsonl") else [q for q in asked if q.endswith(GERMAN)]
                self.assertEqual(len(mine), 1, f"{name}: {mine}")
                for text in wanted:
                    self.assertIn(text, mine[0], name)
                self.assertNotIn("\ufffd", mine[0], name)
            self.assertIn("damaged", rows["29-damaged.docx"]["error"]["message"])
            self.assertIn("PNG image", rows["30-photo.pdf"]["error"]["message"])
            for name in ("29-damaged.docx", "30-photo.pdf"):
                self.assertEqual(rows[name]["state"], "failed")
            self.assertEqual(len(asked), 28, "nothing was asked about what cannot be read")
            # What was done to a document on the way is told.
            tasks = {t["title"].split("/")[-1]: t["id"] for t in fleet.get("/fleet/v1/tasks?limit=100")["items"]}
            for name, note in (("12-mojibake.txt", "repaired"), ("07-shift-jis.txt", "Shift_JIS"), ("20-scan-en.pdf", "tesseract")):
                events = fleet.request("GET", f"/fleet/v1/tasks/{tasks[name]}/events").read().decode()
                self.assertIn(note, events, name)
            scan = next(q for q in asked if "[20-scan-en.pdf]" in q)
            original = subprocess.run(["pdftotext", "-l", "1", str(ROOT / "samples/en/calibration-report.pdf"), "-"], capture_output=True,
                                      text=True, check=True).stdout
            words = set(re.findall(r"[A-Za-z]{4,}", original))
            self.assertGreater(len(words & set(re.findall(r"[A-Za-z]{4,}", scan))), 0.9 * len(words))

    def test_what_cannot_be_read_says_what_it_is_and_what_to_do(self):
        files = {
            "empty.txt": (b"", "empty"),
            "blank.docx": (archive({"word/document.xml": f"<w:document {W}/>"}), "no text"),
            "locked.pdf": (locked_pdf(), "password"),
            "table.xlsx": (archive({"xl/workbook.xml": "<x/>"}), "Excel|no text"),
            "program.txt": (b"\x7fELF" + bytes(200), "program"),
            "noise.txt": (bytes(range(256)) * 20, "binary data"),
            "bomb.docx": (archive({"word/document.xml": b"<a>" + b"a" * 100_000_000}), "larger than"),
            "page.pdf": (b"no pdf", "no PDF"),
            "secret.eml": (b"Subject: x\nContent-Type: multipart/encrypted; boundary=b\n\n--b\n", "encrypted"),
            "scan.pdf": (scan_of(ROOT / "samples/en/calibration-report.pdf"), "tesseract"),
        }
        with tempfile.TemporaryDirectory() as programs:
            for program in ("pdftotext", "pdfimages", "pdftoppm"):  # and no tesseract
                os.symlink(shutil.which(program), f"{programs}/{program}")
            with Provider() as provider, provider.fleet({"PATH": programs}) as fleet:
                done, rows = self.run_batch(fleet, {name: content for name, (content, _) in files.items()})
                self.assertEqual(done.returncode, 1, done.stderr)
                for name, (_, says) in files.items():
                    self.assertEqual(rows[name]["state"], "failed", rows[name])
                    self.assertRegex(rows[name]["error"]["message"], says, name)
                self.assertIn("tesseract-ocr", json.dumps(rows["scan.pdf"]["error"]))
                self.assertEqual(provider.questions(), [])


if __name__ == "__main__":
    unittest.main()
