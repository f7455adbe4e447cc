"""The main job: a hub, two nodes with engines, and the sample documents, from the command line to results.jsonl."""
import collections
import json
import os
import pathlib
import signal
import subprocess
import unittest

from fleet_under_test import ROOT, Fleet, wait_until
from texts import language

PROMPT = "Summarise this document in a few sentences."


def rows_of(folder):
    return [json.loads(line) for line in pathlib.Path(folder, "results.jsonl").read_text().splitlines()]


def sample_files():
    return sorted(p for p in (ROOT / "samples").rglob("*") if p.is_file() and p.suffix in (".txt", ".md", ".html", ".pdf"))


def calls_but_for(fleet, marker, number):
    """Calls that were counted before this one, which is the marker key's `number`th: what is counted later is written later."""
    fleet.post("/v1/chat/completions", {"model": "flotte-demo", "max_tokens": 1, "messages": [{"role": "user", "content": "count"}]}, key=marker)

    def counted():
        rows = fleet.get("/fleet/v1/usage?by=key")["items"]
        mine = sum(r["calls"] for r in rows if r.get("name") == "marker")
        return (sum(r["calls"] for r in rows) - mine,) if mine == number else None
    return wait_until("the marker is counted", counted)[0]


class Batch(unittest.TestCase):
    def test_every_sample_succeeds_by_the_engines_of_both_nodes_in_its_language(self):
        with Fleet() as fleet:
            fleet.node("box", engine="llama")
            fleet.node("laptop", engine="llama")
            fleet.wait_for_engine("box")
            fleet.wait_for_engine("laptop")
            out = fleet.folder / "out"
            done = fleet.cli("batch", "run", ROOT / "samples", "--prompt", PROMPT, "-o", out)
            rows = rows_of(out)
            self.assertEqual([r["input"] for r in rows], sorted((r["input"] for r in rows), key=os.fsencode))
            self.assertEqual(len(rows), len(sample_files()), done.stderr)
            for row in rows:
                self.assertEqual(row["state"], "succeeded", row)
                self.assertGreater(row["usage"]["output_tokens"], 0)
                text = (out / row["output"]).read_text()
                wanted = pathlib.Path(row["output"]).parts[0]
                self.assertIn(wanted, ("en", "de", "ja"))
                self.assertEqual(language(text), wanted, f"{row['input']}: {text}")
            engines = collections.Counter(r["target"].split("/")[0] for r in rows)
            self.assertEqual(set(engines), {"llama@box", "llama@laptop"}, engines)

            # Again: nothing is left to do, and nothing is asked a second time.
            marker = fleet.cli_json("key", "add", "marker")["key"]
            calls = calls_but_for(fleet, marker, 1)
            self.assertGreaterEqual(calls, len(rows))
            fleet.cli("batch", "run", ROOT / "samples", "--prompt", PROMPT, "-o", out)
            self.assertEqual(calls_but_for(fleet, marker, 2), calls)
            self.assertEqual(rows_of(out), rows)

    def test_prompts_in_json_lines_and_broken_documents_each_get_their_row(self):
        with Fleet() as fleet:
            fleet.node("box", engine="llama")
            fleet.wait_for_engine("box")
            inputs = fleet.folder / "in"
            inputs.mkdir()
            (inputs / "good.md").write_text("# Notes\n\nThe pump was repaired and the meeting moved to Friday.\n")
            (inputs / "broken.pdf").write_bytes(b"%PDF-1.4 this is no pdf at all")
            (inputs / "binary.txt").write_bytes(bytes(range(256)) * 20)
            (inputs / "empty.txt").write_text("")
            (inputs / "asks.jsonl").write_text('{"prompt": "Say hello", "id": "a"}\n{"prompt": 7}\nnot json\n')
            out = fleet.folder / "out"
            done = fleet.cli("batch", "run", inputs, "--prompt", PROMPT, "-o", out, check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            rows = {r["input"].removeprefix(f"{inputs}/"): r for r in rows_of(out)}
            self.assertEqual(rows["good.md"]["state"], "succeeded")
            self.assertTrue((out / rows["good.md"]["output"]).read_text().strip())
            self.assertEqual(rows["asks.jsonl:1"]["state"], "succeeded")
            self.assertEqual(rows["asks.jsonl:1"]["id"], "a")
            for name in ("broken.pdf", "binary.txt", "empty.txt", "asks.jsonl:2", "asks.jsonl:3"):
                self.assertEqual(rows[name]["state"], "failed", rows[name])
                self.assertTrue(rows[name]["error"]["message"], name)

    def test_a_document_larger_than_the_context_is_split_and_reduced(self):
        with Fleet() as fleet:
            fleet.node("box", engine="llama", slots=2, context=1024)
            fleet.wait_for_engine("box")
            text = "\n\n".join(f"## Section {i}\n\nThe pump in hall {i} was repaired and the team met on Friday to discuss the costs of "
                               "the next inspection, which the supplier had announced for the summer." for i in range(120))
            (fleet.folder / "long.md").write_text(text)
            out = fleet.folder / "out"
            fleet.cli("batch", "run", fleet.folder / "long.md", "--prompt", PROMPT, "-o", out)
            row = rows_of(out)[0]
            self.assertEqual(row["state"], "succeeded")
            task = fleet.get("/fleet/v1/tasks?limit=1")["items"][0]
            steps = fleet.request("GET", f"/fleet/v1/tasks/{task['id']}/events").read().decode()
            self.assertIn("part 2 of", steps)
            self.assertGreater(sum(r["calls"] for r in fleet.get("/fleet/v1/usage")["items"]), 3)

    def test_ctrl_c_leaves_the_batch_running_and_attach_finishes_the_folder(self):
        with Fleet() as fleet:
            fleet.node("box", engine="llama", slots=1)
            fleet.wait_for_engine("box")
            out = fleet.folder / "out"
            run = subprocess.Popen(fleet.command("batch", "run", ROOT / "samples", "--prompt", PROMPT, "-o", out), env=fleet.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            batch = wait_until("a sealed batch", lambda: next((b for b in fleet.get("/fleet/v1/batches")["items"] if b["total"] >= 20
                                                              and b["state"] == "running"), None))
            run.send_signal(signal.SIGINT)
            _, err = run.communicate(timeout=20)
            self.assertEqual(run.returncode, 130, err)
            self.assertIn(batch["id"], err)
            fleet.cli("batch", "attach", batch["id"], "-o", out)
            self.assertTrue(all(r["state"] == "succeeded" for r in rows_of(out)))


if __name__ == "__main__":
    unittest.main()
