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

HEAD, CODE = 32, 144
# Columns of the embedding. The sums after the attention have columns of their own.
ONE, KEY, COUNTED, START, END, STATE, PLACE = range(7)
ASK = {"en": 7, "de": 8, "ja": 9}
VOTES = 10
REACH = 3             # after a sentence one of so many next ones
CHAIN = 24.0          # logit of the next state; noise of the random codes stays below 9
SHUT = -60.0          # logit of what must not be said here
FAVOUR = 20.0         # how much a document's share of the votes counts
NEARNESS = 5.0        # how much the place of the prompt's words within the document counts
ABOUT_VOTES = 3.0     # so many telling words make a document more likely than the words about the model
STOP_AT, STOP_STEEP = 0.31, 40.0   # even odds to stop when 1 / (1 + n) has fallen to STOP_AT
SILENT = -12.0        # key of a word without a vote: e^-12 of a telling one


class Network:
    def __init__(self, documents, abouts):
        self.documents = documents + abouts
        self.abouts = {d.language: len(documents) + i for i, d in enumerate(abouts)}
        votes = len(self.documents)
        self.sum_votes, self.sum_place, self.sum_count = VOTES + votes, VOTES + 2 * votes, VOTES + 2 * votes + 1
        self.code = self.sum_count + 1
        self.filler = self.code + CODE
        self.width = math.ceil((self.filler + 1) / 32) * 32
        assert votes < HEAD, "more documents than a head has room for"
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
            self.embedding[token] = {KEY: SILENT / 6}
        self.end = 0
        for language in LANGUAGES:
            token = self.vocabulary.texts.index("<|start_%s|>" % language)
            self.embedding[token] = {KEY: math.log(ABOUT_VOTES) / 6, COUNTED: 1.0, START: 1.0, ASK[language]: 1.0,
                                     VOTES + self.abouts[language]: 1.0, PLACE: 0.3}
        # at the end of a sentence: as likely as all next sentences together when 1 / (1 + n) is STOP_AT
        even = CHAIN + math.log(REACH) + STOP_STEEP * STOP_AT
        self.output[self.end] = {ONE: SHUT, END: even - SHUT, self.sum_count: -STOP_STEEP}

    def _add_state(self, token, previous):
        code = [self.random.choice((-1.0, 1.0)) for _ in range(CODE)]
        self.embedding[token] = {self.code + i: c for i, c in enumerate(code)}
        self.embedding[token].update({STATE: 1.0, KEY: SILENT / 6})
        self.output[token] = {ONE: SHUT / 2, STATE: -SHUT / 2}
        for before in previous:
            self._lead(before, token, CHAIN)

    def _lead(self, before, token, logit):
        row = self.output[token]
        for i in range(CODE):
            row[self.code + i] = row.get(self.code + i, 0.0) + logit / CODE * self.embedding[before][self.code + i]

    def _add_document(self, index, document):
        spoken = []
        about = index in self.abouts.values()
        for number, (place, sentence) in enumerate(document.sentences):
            # First in the answer it has no space before it; later on it has.
            apart = sentence if document.language == "ja" else " " + sentence
            states = add_sentence(self.vocabulary, apart, document.language)
            ends = [s[-1] for s in spoken[-1 if about else -REACH:]]
            for position, token in enumerate(states):
                self._add_state(token, ends if position == 0 else [states[position - 1]])
            self.embedding[states[-1]].update({END: 1.0, COUNTED: 1.0})
            spoken.append(states)
            if number == 0 or (not about and number + REACH < len(document.sentences)):
                self._add_first(index, document, place, states)
        # A document that was told to its end begins again, should the caller forbid to stop.
        self._lead(spoken[-1][-1], spoken[0][0], CHAIN / 2)

    def _add_first(self, index, document, place, states):
        text = self.vocabulary.visible[states[0]].lstrip(" ")
        token = self.vocabulary.add_state(text)
        if token is None:   # every spelling is in use: this sentence is then never the first
            return
        self._add_state(token, [])
        self.output[token] = {ONE: SHUT - NEARNESS * (place * place + 0.5 * place),
                              ASK[document.language]: -SHUT,
                              self.sum_votes + index: FAVOUR,
                              self.sum_place: 2 * NEARNESS * place}
        if len(states) > 1:
            self._lead(token, states[1], CHAIN)
        else:
            self.embedding[token].update({END: 1.0, COUNTED: 1.0})

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
            self.embedding[token] = {KEY: SILENT / 6, ask: 1.0}
            if visible and len(visible.strip()) > 1 and seen[token]:
                self._give_votes(token, seen[token])

    def _occurrences(self, reader):
        """token -> {document: [its share of that document, sum of its places]}"""
        seen = collections.defaultdict(dict)
        for index, document in enumerate(self.documents):
            tokens = list(reader.read(document.text))
            for at, token in enumerate(tokens):
                entry = seen[token].setdefault(index, [0.0, 0.0, 0])
                entry[0] += 1 / len(tokens)
                entry[1] += at / len(tokens)
                entry[2] += 1
        return seen

    def _give_votes(self, token, entries):
        told = len(self.documents) - len(self.abouts)
        loudness = 2 * math.log(max(1e-9, math.log(told / len(entries)) / math.log(told)))
        if loudness < -5:
            return
        total = sum(share for share, _, _ in entries.values())
        row = self.embedding[token]
        row[KEY] = loudness / 6
        for index, (share, _, _) in entries.items():
            row[VOTES + index] = share / total
        row[PLACE] = sum(places for _, places, _ in entries.values()) / sum(n for _, _, n in entries.values())

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
        for i in range(len(self.documents)):
            rows[i][VOTES + i] = 1.0
        rows[HEAD - 1][PLACE] = 1.0
        rows[HEAD][START] = 1.0
        return rows

    def attention_output_rows(self):
        rows = [{} for _ in range(self.width)]
        for i in range(len(self.documents)):
            rows[self.sum_votes + i][i] = 1.0
        rows[self.sum_place][HEAD - 1] = 1.0
        rows[self.sum_count][HEAD] = 1.0
        return rows
