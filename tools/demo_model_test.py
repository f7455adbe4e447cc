#!/usr/bin/env python3
# Tests of the demonstration model's parts. Run: python3 tools/demo_model_test.py (two seconds, no engine needed)
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
from demo_model.documents import about_documents, read_documents
from demo_model.vocabulary import Reader, Vocabulary, add_sentence, pieces_of, spelling
from demo_model.weights import CHAIN, END, ONE, SAID, STATE, Network

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = HERE.parent / "samples"


def unescape(text):
    """What llama.cpp's RWKV tokenizer makes of a token's text."""
    out, at = bytearray(), 0
    data = text.encode()
    while at < len(data):
        if data[at:at + 2] == b"\\x":
            out.append(int(data[at + 2:at + 4], 16))
            at += 4
        elif data[at:at + 1] == b"\\":
            assert data[at + 1:at + 2] not in (b"t", b"n", b"r")
            out.append(data[at + 1])
            at += 2
        else:
            out.append(data[at])
            at += 1
    return out.decode(errors="replace")


class Documents(unittest.TestCase):
    documents = read_documents(SAMPLES, HERE / "sample_pdfs")

    def test_every_sample_is_read_and_its_folder_names_its_language(self):
        files = [p for p in SAMPLES.rglob("*") if p.is_file()]
        self.assertEqual(len(files), len(self.documents))
        for document in self.documents:
            self.assertEqual(document.language, document.name.split("/")[0], document.name)

    def test_every_sample_gives_enough_sentences_without_markup(self):
        for document in self.documents:
            self.assertGreaterEqual(len(document.sentences), 10, document.name)
            for _, sentence in document.sentences:
                self.assertNotRegex(sentence, r"[<>*#|`]|&\w+;")


class Spellings(unittest.TestCase):
    def test_differ_and_read_the_same(self):
        for text in (" a", " the", "三月の", "n\\t", "ÄÖ"):
            ways, number = [], 0
            while (way := spelling(text, number)) is not None:
                ways.append(way)
                number += 1
            self.assertEqual(len(ways), len(set(ways)))
            self.assertEqual({unescape(w) for w in ways}, {text})
            self.assertGreaterEqual(len(ways), 4)

    def test_a_sentence_is_spoken_as_it_was_written_even_when_spellings_run_out(self):
        vocabulary = Vocabulary()
        for _ in range(60):
            states = add_sentence(vocabulary, " It is a b", "en")
            self.assertEqual("".join(unescape(vocabulary.texts[s]) for s in states), " It is a b")
        self.assertEqual("".join(pieces_of("温度は、九・一度だった。", "ja")), "温度は、九・一度だった。")


class Weights(unittest.TestCase):
    network = Network(Documents.documents, about_documents())

    def logit(self, token, state, said=0.0):
        row, column = self.network.output[token], dict(self.network.embedding[state])
        column.update({ONE: 1.0, SAID: said})
        return sum(weight * column.get(place, 0.0) for place, weight in row.items())

    def test_within_a_sentence_only_the_next_word_can_follow(self):
        states = [t for t, row in self.network.embedding.items() if STATE in row and END not in row][:40]
        for state in states:
            logits = sorted((self.logit(t, state) for t in range(len(self.network.vocabulary.texts))), reverse=True)
            self.assertAlmostEqual(logits[0], CHAIN, delta=0.01)
            self.assertLess(logits[1], CHAIN - 8)

    def test_the_next_sentences_of_a_document_are_equally_likely(self):
        count = len(self.network.vocabulary.texts)
        document = Documents.documents[0]
        ends = [t for t, row in self.network.embedding.items() if END in row][:len(document.sentences) - 3]
        for end in ends:
            logits = sorted((self.logit(t, end) for t in range(1, count)), reverse=True)
            self.assertAlmostEqual(logits[0], CHAIN, delta=0.01)
            self.assertAlmostEqual(logits[2], CHAIN, delta=0.01)
            self.assertLess(logits[3], CHAIN - 8)

    def test_stopping_becomes_likelier_with_every_sentence(self):
        state = next(t for t, row in self.network.embedding.items() if END in row)
        chances = [self.logit(self.network.end, state, said=1 / (1 + n)) for n in range(1, 7)]
        self.assertEqual(chances, sorted(chances))
        self.assertLess(chances[0], CHAIN - 5)      # hardly ever one sentence
        self.assertGreater(chances[5], CHAIN + 4)   # hardly ever more than six

    def test_a_document_reads_as_words_of_its_own(self):
        vocabulary = self.network.vocabulary
        reader = Reader(list(enumerate(vocabulary.visible)))
        text = Documents.documents[0].text
        self.assertLess(len(list(reader.read(text))), len(text) / 3)


if __name__ == "__main__":
    unittest.main()
