"""docs/clients-matrix.md: which client can do what at which provider through a hub, as the suite found it."""
import difflib
import os
import sys

TITLES = {"openai": "OpenAI chat completions", "responses": "OpenAI Responses", "mistral": "Mistral", "anthropic": "Anthropic Messages",
          "gemini": "Gemini", "ollama": "Ollama"}
HEAD = """# Clients and providers

Made by `test/clients/clients_test.py hub` (`FLOTTE_UPDATE=1` writes it anew): each official client from npm, through a real hub, to a
simulated provider of each dialect that is as strict as the real API. ✓ passes. A number is a sentence below the table: what the client has
not, or why it does not work. The client's own API stands in brackets.
"""


def text_of(cells):
    scenarios = list(dict.fromkeys(c["scenario"] for c in cells))
    lines = [HEAD]
    for provider in dict.fromkeys(c["provider"] for c in cells):
        mine = [c for c in cells if c["provider"] == provider]
        notes = {}
        lines += [f"## Provider: {TITLES[provider]}", "", "| client | " + " | ".join(scenarios) + " |", "| --- |" + " :-: |" * len(scenarios)]
        for client in dict.fromkeys(c["client"] for c in mine):
            row = {c["scenario"]: c for c in mine if c["client"] == client}
            lines.append(f"| {client} | " + " | ".join(mark(row[s], notes) for s in scenarios) + " |")
        lines.append("")
        lines += [f"{number}. {sentence}" for sentence, number in notes.items()]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def mark(cell, notes):
    sentence = cell.get("lacks") or cell.get("problem")
    if not sentence:
        return "✓"
    sentence = sentence.replace("|", "\\|").replace("<", "&lt;")
    if "problem" in cell:
        refused = "cannot be sent to" in sentence or "cannot be translated" in sentence
        sentence = ("The hub refuses it: " if refused else "Does not work: ") + sentence
    return str(notes.setdefault(sentence, len(notes) + 1))


def compare(cells, file):
    """Writes the file where FLOTTE_UPDATE=1 says so; otherwise a difference ends the test."""
    text = text_of(cells)
    if os.environ.get("FLOTTE_UPDATE") == "1":
        file.write_text(text)
        return
    before = file.read_text() if file.exists() else ""
    if before != text:
        difference = "\n".join(difflib.unified_diff(before.splitlines(), text.splitlines(), str(file.name), "now", lineterm="", n=0))
        sys.exit(f"the matrix of clients changed; if that is right, FLOTTE_UPDATE=1 test/clients/clients_test.py hub\n{difference}")
