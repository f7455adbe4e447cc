"""Which language a text is in, as far as English, German and Japanese can be told apart by their commonest words."""
import re

GERMAN = set("der die das und ist nicht ein eine mit für von auf den dem des wird wurde werden im zu sich bei nach als auch wir sie".split())
ENGLISH = set("the and is not a an with for of on in to was were be by it that this at from we are has had as or".split())


def language(text):
    kana = len(re.findall(r"[\u3040-\u30ff]", text))
    if kana >= 3:
        return "ja"
    words = re.findall(r"[A-Za-zÄÖÜäöüß]+", text.lower())
    german = sum(w in GERMAN or bool(re.search("[äöüß]", w)) for w in words)
    english = sum(w in ENGLISH for w in words)
    return "de" if german > english else "en"
