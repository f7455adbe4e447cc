# The network: one layer with two attention heads and no feed-forward, its weights computed and not trained.
#
# Every spoken token (state) carries a random code; the row of the next state is that code, so within a sentence
# the chain runs straight on. At the end of a sentence it goes on with one of the next sentences of the same
# document, or stops. The two heads look back:
#   topic  at a start token: which document do the prompt's words belong to? A word votes with the documents that
#          it occurs in, the rarer the louder; the result favours the first sentences of those documents.
#   count  at the end of a sentence: how many have been said? The attention that is left for the start token is
#          1 / (1 + n), and from it follows the chance to stop.
# Softmax at temperature 1 turns the logits into the probabilities meant here; other temperatures work, too.
import collections
import math
import random

from .vocabulary import CONTROLS, Reader, Vocabulary, add_sentence, fragments_of, words_of
from .documents import LANGUAGES

HEAD, CODE = 128, 128
SEGMENTS = 4          # a document is four voters, so that a part of it is answered from that part
# Columns of the embedding. The heads add their findings to two of these places: the votes and SAID.
ONE, KEY, COUNTED, START, END, STATE, SAID = range(7)
ASK = {"en": 7, "de": 8, "ja": 9}
ABOUT = {"en": 10, "de": 11, "ja": 12}   # a start token's own vote
VOTES = 13
REACH = 3             # after a sentence one of so many next ones
CHAIN = 24.0          # logit of the next state; noise of the random codes stays below 10
SHUT = -60.0          # logit of what must not be said here
FAVOUR, NEARNESS = 20.0, 10.0      # how much the votes for a document and for a segment count
ABOUT_VOTES = 3.0     # so many telling words make a document more likely than the words about the model
STOP_AT, STOP_STEEP = 0.27, 40.0   # even odds to stop when 1 / (1 + n) has fallen to STOP_AT
KEY_SCALE = 6.0       # keys are stored divided by this: rows have little room
SILENT = -12.0 / KEY_SCALE         # key of a word without a vote: e^-12 of a telling one


def _walsh(row, column):
    return -1.0 if bin(row & column).count("1") % 2 else 1.0


class Network:
    def __init__(self, documents, abouts):
        self.documents = documents + abouts
        self.abouts = {d.language: len(documents) + i for i, d in enumerate(abouts)}
        self.voters = SEGMENTS * len(self.documents)
        self.code = VOTES + self.voters
        self.filler = self.code + CODE
        self.width = math.ceil((self.filler + 1) / 32) * 32
        assert self.voters + len(LANGUAGES) < HEAD, "more documents than a head has room for"
        self.vocabulary = Vocabulary()
        self.embedding, self.output = {}, collections.defaultdict(lambda: {ONE: SHUT})
        self.random = random.Random(20260301)
        self._add_controls()
        for index, document in enumerate(self.documents):
            self._add_document(index, document)
        self._add_prompt_words()

    # ---- tokens ----

    def _add_controls(self):
        for text in CONTROLS:
            token = self.vocabulary.add_control(text)
            self.embedding[token] = {KEY: SILENT}
        self.end = 0
        for language in LANGUAGES:
            token = self.vocabulary.texts.index("<|start_%s|>" % language)
            self.embedding[token] = {KEY: math.log(ABOUT_VOTES) / KEY_SCALE, COUNTED: 1.0, START: 1.0,
                                     ASK[language]: 1.0, ABOUT[language]: 1.0}
        # at the end of a sentence: as likely as all next sentences together when 1 / (1 + n) is STOP_AT
        even = CHAIN + math.log(REACH) + STOP_STEEP * STOP_AT
        self.output[self.end] = {ONE: SHUT, END: even - SHUT, SAID: -STOP_STEEP}

    def _random_code(self):
        return [self.random.choice((-1.0, 1.0)) for _ in range(CODE)]

    def _add_state(self, token, code, previous):
        self.embedding[token] = {self.code + i: c for i, c in enumerate(code)}
        self.embedding[token].update({STATE: 1.0, KEY: SILENT})
        self.output[token] = {ONE: SHUT / 2, STATE: -SHUT / 2}
        for before in previous:
            self._lead(before, token, CHAIN)

    def _lead(self, before, token, logit):
        row = self.output[token]
        for i in range(CODE):
            row[self.code + i] = row.get(self.code + i, 0.0) + logit / CODE * self.embedding[before][self.code + i]

    def _add_document(self, index, document):
        spoken, mask = [], self._random_code()
        about = index in self.abouts.values()
        for number, (place, sentence) in enumerate(document.sentences):
            # First in the answer it has no space before it; later on it has.
            apart = sentence if document.language == "ja" else " " + sentence
            states = add_sentence(self.vocabulary, apart, document.language)
            ends = [s[-1] for s in spoken[-1 if about else -REACH:]]
            for position, token in enumerate(states):
                # Several ends lead to one beginning; their codes are orthogonal, so that all do so equally.
                last = position == len(states) - 1
                code = [m * _walsh(number, i) for i, m in enumerate(mask)] if last else self._random_code()
                self._add_state(token, code, ends if position == 0 else [states[position - 1]])
            self.embedding[states[-1]].update({END: 1.0, COUNTED: 1.0})
            spoken.append(states)
            if number == 0 or (not about and number + REACH < len(document.sentences)):
                self._add_first(index, document, place, states)
        # A document that was told to its end begins again, should the caller forbid to stop.
        self._lead(spoken[-1][-1], spoken[0][0], CHAIN / 2)

    def _add_first(self, index, document, place, states):
        token = self.vocabulary.add_state(self.vocabulary.visible[states[0]].lstrip(" "))
        if token is None:   # every spelling is in use: this sentence is then never the first
            return
        self.embedding[token] = self.embedding[states[0]]
        row = self.output[token]
        row.update({ONE: SHUT, ASK[document.language]: -SHUT})
        for segment in range(SEGMENTS):
            row[self._voter(index, segment)] = FAVOUR
        row[self._voter(index, min(SEGMENTS - 1, int(place * SEGMENTS)))] += NEARNESS

    # ---- what is read ----

    def _add_prompt_words(self):
        vocabulary, texts = self.vocabulary, [d.text for d in self.documents]
        first = len(vocabulary.texts)
        words = collections.Counter(w for t in texts for w in words_of(t))
        western = [d.text for d in self.documents if d.language != "ja"]
        kana = [chr(c) for c in range(0x3041, 0x30ff)]
        for visible in [*dict.fromkeys(vocabulary.visible), *words, *fragments_of(western, 1500), *kana]:
            if visible:
                vocabulary.add_prompt(visible)
        vocabulary.add_bytes()
        readable = [(i, vocabulary.visible[i]) for i in range(first, len(vocabulary.texts))]
        seen = self._occurrences(Reader(readable))
        for token, visible in readable:
            ask = ASK["ja"] if visible and "\u3040" <= visible[0] <= "\u9fff" else ASK["en"]
            self.embedding[token] = {KEY: SILENT, ask: 1.0}
            if visible and len(visible.strip()) > 1 and seen[token]:
                self._give_votes(token, seen[token])

    def _voter(self, document, segment):
        return VOTES + SEGMENTS * document + segment

    def _occurrences(self, reader):
        """token -> {(document, segment): how much of the document it is}"""
        seen = collections.defaultdict(collections.Counter)
        for index, document in enumerate(self.documents):
            tokens = list(reader.read(document.text))
            for at, token in enumerate(tokens):
                seen[token][index, SEGMENTS * at // len(tokens)] += 1 / len(tokens)
        return seen

    def _give_votes(self, token, shares):
        told = len(self.documents) - len(self.abouts)
        rarity = math.log(told / len({document for document, _ in shares})) / math.log(told)
        if rarity < 0.1:
            return
        row, total = self.embedding[token], sum(shares.values())
        row[KEY] = 2 * math.log(rarity) / KEY_SCALE
        for (document, segment), share in shares.items():
            row[self._voter(document, segment)] = share / total

    # ---- matrices ----

    def embedding_rows(self):
        """Every row has the same length, sqrt(width), so that the norms leave it as it is."""
        for token in range(len(self.vocabulary.texts)):
            row = {ONE: 1.0, **self.embedding[token]}
            rest = self.width - sum(v * v for v in row.values())
            assert rest > 0, self.vocabulary.texts[token]
            row[self.filler] = math.sqrt(rest)
            yield row

    def output_rows(self):
        for token in range(len(self.vocabulary.texts)):
            yield self.output[token]

    # The last pair of a head is hardly turned by the rotary embedding (its base is huge): content goes there.
    def query_rows(self):
        rows = [{} for _ in range(2 * HEAD)]
        for column in ASK.values():
            rows[HEAD - 1][column] = math.sqrt(HEAD)
        rows[2 * HEAD - 1][END] = math.sqrt(HEAD)
        return rows

    def key_rows(self):
        rows = [{} for _ in range(2 * HEAD)]
        rows[HEAD - 1][KEY] = 6.0
        rows[2 * HEAD - 1].update({COUNTED: 20.0, ONE: -20.0})
        return rows

    def value_rows(self):
        rows = [{} for _ in range(2 * HEAD)]
        for i in range(self.voters):
            rows[i][VOTES + i] = 1.0
        for i, column in enumerate(ABOUT.values()):
            rows[self.voters + i][column] = 1.0
        rows[HEAD][START] = 1.0
        return rows

    def attention_output_rows(self):
        rows = [{} for _ in range(self.width)]
        for i in range(self.voters):
            rows[VOTES + i][i] = 1.0
        for i, language in enumerate(ABOUT):
            rows[self._voter(self.abouts[language], 0)][self.voters + i] = 1.0
        rows[SAID][HEAD] = 1.0
        return rows
