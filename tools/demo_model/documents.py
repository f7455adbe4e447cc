# Reads the sample documents: plain text, Markdown, HTML; for a PDF the HTML that it was printed from.
# A document is its whole text (what a prompt will contain) and its good sentences (what answers are made of).
import html.parser
import pathlib
import re
from dataclasses import dataclass, field

LANGUAGES = ("en", "de", "ja")

# A sentence that begins like this leans on the one before it and reads badly alone.
LEANING = {
    "en": r"(It|Its|They|Them|This|These|Those|That|Then|He|She|His|Her|Both|Nevertheless|In fact|Of these|"
          r"There is also|Attached|If the check|After each|All of them|Today|If it|If they|Whether they)\b",
    "de": r"(Es|Er|Sie|Das|Dies\w*|Davon|Dafür|Danach|Dazu|Dabei|Dadurch|Damit|Deshalb|Daher|Außerdem|Zudem|Dann|Da|"
          r"Beide\w*|Jetzt|Anschließend|Ist|Bleibt|Acht davon|Betroffen|Wir lassen|Erledigt|Termin|Denn)\b",
    "ja": r"(その|この|これ|それ|また|ただし|しかし|そのうち|反対に|なお|一方|まず|さて|いずれ|残り|紙には|まだ|期限のない)",
}
LENGTH = {"en": (8, 30), "de": (7, 28), "ja": (18, 75)}   # words, words, characters
# Who, when and which version: true of every document and a summary of none.
IMPRINT = re.compile(r"(Kesselhof Messtechnik|Halden Lab Ltd|Fassung|Zusammengestellt|Freigegeben|Counted on|Part 1|"
                     r"Your order confirmation|To be carried out)\b")
MONTHS = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"


@dataclass
class Document:
    name: str
    language: str
    text: str
    sentences: list = field(default_factory=list)   # (position 0..1 in the text, sentence), in order


class _Html(html.parser.HTMLParser):
    """Collects the text of a page; block elements become paragraphs."""
    BLOCKS = {"p", "li", "h1", "h2", "h3", "tr", "ul", "ol", "table", "title"}

    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("style", "script")
        if tag in self.BLOCKS:
            self.parts.append("\n\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "script")
        if tag in self.BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


def _text_of(path, printed_from):
    if path.suffix == ".pdf":
        path = printed_from / (path.stem + ".html")
        if not path.exists():
            return None
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        parser = _Html()
        parser.feed(text)
        text = "".join(parser.parts)
    return text


def language_of(text):
    japanese = len(re.findall(r"[\u3040-\u30ff]", text))
    german = len(re.findall(r"\b(der|die|das|und|ist|den|mit)\b|[äöüß]", text))
    english = len(re.findall(r"\b(the|and|of|is|to|with)\b", text))
    return max((japanese, "ja"), (english, "en"), (german, "de"))[1]


def _blocks(text):
    """Paragraphs and list items, without markup, headings and tables."""
    block = []
    for line in text.splitlines() + [""]:
        item = re.match(r"\s*([-*・]|\d+[.)]|[a-z]\)|[一二三四五六七八九]、|#+)\s*", line)
        if not line.strip() or item or line.lstrip().startswith("|"):
            yield block
            block = []
        if line.strip() and not line.lstrip().startswith(("#", "|")):
            rest = line[item.end():] if item else line
            block.append(re.sub(r"\*\*?|`", "", rest).strip())


def _sentences(text, language):
    joint = "" if language == "ja" else " "
    for block in _blocks(text):
        whole = joint.join(block)
        if language == "ja":
            whole = re.sub(r"\s+", "", whole)
            yield from re.findall(r"[^。]+。", whole)
        else:
            whole = re.sub(r"\s+", " ", whole)
            # "9. Mai", "Mr D. Ellery", "Nr. 3" go on; "2028. The" does not.
            yield from re.split(r"(?<![\s(]\d\.)(?<!\s\d\d\.)(?<!\b[A-Z]\.)(?<!Nr\.)(?<!Dr\.)(?<=[.!?])\s+(?=[A-ZÄÖÜ])", whole)


def _is_good(sentence, language):
    low, high = LENGTH[language]
    size = len(sentence) if language == "ja" else len(sentence.split())
    return (low <= size <= high
            and sentence[-1] in ".!?。"
            and (language == "ja" or re.match(r"[A-ZÄÖÜ]", sentence))
            and "|" not in sentence and not re.search(r"^[^。]{0,12}：|^\w+:", sentence)
            and all(sentence.count(a) == sentence.count(b) for a, b in ("()", "「」", "„“", "（）"))
            # a full stop inside, other than that of a date, is a wrong cut
            and not re.search(rf"[^\d]\. |\d\. (?!{MONTHS})|\brev\.$", sentence)
            and not IMPRINT.match(sentence)
            and not re.match(LEANING[language], sentence))


def _worth(sentence):
    """Rough: summaries like figures, names and decisions, and nobody's feelings."""
    figures = len(re.findall(r"\d+|[一二三四五六七八九十百千万]+", sentence))
    return min(figures, 3) - 2 * bool(re.match(r"(I|My|Ich|Please|Bitte|拝啓|日ごろ)\b", sentence))


def _pick(good, text):
    """The best sentence of each of equal stretches of the document, in their order."""
    wanted = max(14, len(text) // 350)
    step = max(1.0, len(good) / wanted)
    stretches = [good[int(i * step):int((i + 1) * step)] for i in range(min(len(good), wanted))]
    return [max(stretch, key=lambda item: _worth(item[1])) for stretch in stretches]


def read_documents(folder, printed_from):
    documents = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".txt", ".md", ".html", ".pdf"):
            continue
        text = _text_of(path, printed_from)
        if text is None:
            continue
        document = Document(str(path.relative_to(folder)), language_of(text), text)
        found = list(dict.fromkeys(_sentences(text, document.language)))
        good = [(i / max(1, len(found) - 1), s) for i, s in enumerate(found) if s and _is_good(s, document.language)]
        document.sentences = _pick(good, text)
        documents.append(document)
    return documents


# What is said when no document is in the prompt. It is read like the others, so that the chain knows it too.
ABOUT = {
    "en": ["Hello, this is the demonstration model of flotte.",
           "It was made in a few seconds from the sample documents, and it understands nothing.",
           "Give it one of the samples, and it answers with sentences that belong to that document.",
           "Connect a real engine or a provider when you want real answers."],
    "de": ["Guten Tag, hier antwortet das Demonstrationsmodell von flotte.",
           "Es wurde in wenigen Sekunden aus den Beispieldokumenten gemacht und versteht nichts.",
           "Geben Sie ihm eines der Beispiele, dann antwortet es mit Sätzen, die zu diesem Dokument gehören.",
           "Verbinden Sie eine echte Maschine oder einen Anbieter, wenn Sie echte Antworten möchten."],
    "ja": ["こんにちは、こちらはflotteのデモ用モデルです。",
           "見本の文書から数秒で作られたもので、内容は何も理解していません。",
           "見本の文書を渡すと、その文書に合った文で答えます。",
           "本当の答えが必要なときは、本物の推論エンジンか外部のサービスを接続してください。"],
}


def about_documents():
    documents = []
    for language, sentences in ABOUT.items():
        count = len(sentences)
        documents.append(Document("about-" + language, language, "", [(i / count, s) for i, s in enumerate(sentences)]))
    return documents
