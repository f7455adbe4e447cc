# The tokens. llama.cpp's RWKV tokenizer is used because its token texts are escaped strings: "the" and "\x74he"
# are two tokens that read the same, so a word can be as many states of the chain as it has places.
#
# Two kinds of tokens share the table: states (what the model says: one place in one sentence) and prompt tokens
# (what it reads). Of tokens with equal text the tokenizer takes the last, so prompt tokens come after states.
import collections
import re

CONTROL, NORMAL = 3, 1   # llama.cpp's numbers for the types of tokens
CONTROLS = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>",
            "<|start_en|>", "<|start_de|>", "<|start_ja|>"]

# Runs of one Japanese script, or a word with what sticks to it.
_RUNS = re.compile(r"[\u4e00-\u9fff々〇]+|[\u30a0-\u30ff]+|[\u3040-\u309f]+|[A-Za-zÀ-ÿ0-9.\-]+|.", re.S)
_BUNSETSU = re.compile(r"(?:[^\u3040-\u309f、。・「」（）]{1,6})?[\u3040-\u309f]{0,5}[、。」）・]*|.")


def pieces_of(sentence, language):
    """A sentence as the tokens that are spoken, each with the space before it where the language has one."""
    if language == "ja":
        return [p for p in _BUNSETSU.findall(sentence) if p]
    words = sentence.split(" ")
    return words[:1] + [" " + w for w in words[1:]]


def words_of(text):
    """What a prompt is likely to be cut into: words with and without a space before them, Japanese runs."""
    for match in re.finditer(r" ?[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ'’-]*| ?\d+", text):
        yield match.group()
    for run in _RUNS.findall(text):
        if re.match(r"[\u3040-\u9fff]", run):
            yield run
            for i in range(len(run) - 1):
                yield run[i:i + 2]


def fragments_of(texts, count):
    """The commonest letter groups, so that unknown words take two or three tokens and not one for each byte."""
    seen = collections.Counter()
    for text in texts:
        for word in re.findall(r" ?[a-zà-ÿ]+", text.lower()):
            for size in (2, 3, 4):
                seen.update(word[i:i + size] for i in range(len(word) - size + 1))
    return [fragment for fragment, _ in seen.most_common(count)]


def escape(text):
    return "".join("\\\\" if c == "\\" else c if c >= " " else "\\x%02x" % ord(c) for c in text)


def spelling(text, number):
    """The number-th way to write this text as an escaped string, or None when there are no more."""
    out = []
    for char in text:
        ways = [char if char != "\\" else "\\\\", "".join("\\x%02x" % b for b in char.encode())]
        if char not in "tnrx\\":
            ways.append("\\" + char)
        number, way = divmod(number, len(ways))
        out.append(ways[way])
    return "".join(out) if number == 0 else None


class Vocabulary:
    def __init__(self):
        self.texts, self.types, self.visible = [], [], []
        self._used = set()
        self._next = collections.Counter()

    def _add(self, text, kind, visible):
        assert text not in self._used, text
        self._used.add(text)
        self.texts.append(text)
        self.types.append(kind)
        self.visible.append(visible)
        return len(self.texts) - 1

    def add_control(self, text):
        return self._add(text, CONTROL, "")

    def add_state(self, visible):
        """A new token that reads like this, or None when every spelling is taken. The plain spelling is left to
        the prompt token of the same text."""
        self._next[visible] += 1
        text = spelling(visible, self._next[visible])
        return None if text is None else self._add(text, NORMAL, visible)

    def add_prompt(self, visible):
        text = escape(visible)
        return None if text in self._used else self._add(text, NORMAL, visible)

    def add_bytes(self):
        for value in range(256):
            text = escape(chr(value)) if value < 128 else "\\x%02x" % value
            if text not in self._used:
                self._add(text, NORMAL, chr(value) if value < 128 else None)


def add_sentence(vocabulary, sentence, language):
    """The states of one sentence. A piece whose spellings are used up is spoken together with the next one."""
    states, pending = [], ""
    for piece in pieces_of(sentence, language):
        state = vocabulary.add_state(pending + piece)
        pending = "" if state is not None else pending + piece
        if state is not None:
            states.append(state)
    assert not pending and states, sentence
    return states


class Reader:
    """Cuts text as the engine's tokenizer does: the longest token that fits, again and again."""

    def __init__(self, visible_by_id):
        self.tokens = {text: i for i, text in visible_by_id if text}
        self.longest = collections.defaultdict(int)
        for text in self.tokens:
            self.longest[text[0]] = max(self.longest[text[0]], len(text))

    def read(self, text):
        at = 0
        while at < len(text):
            for size in range(min(self.longest.get(text[at], 1), len(text) - at), 0, -1):
                token = self.tokens.get(text[at:at + size])
                if token is not None:
                    yield token
                    break
            at += size
