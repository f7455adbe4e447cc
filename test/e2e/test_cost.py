"""What it costs: the real binary before a scripted provider whose usage is known, checked to the last digit."""
import contextlib
import decimal
import json
import os
import pathlib
import re
import subprocess
import unittest
import urllib.error
import urllib.request

from fleet_under_test import BINARY, Fleet, wait_until

PROVIDER = pathlib.Path(os.environ.get("FLOTTE_SCRIPTED", pathlib.Path(BINARY).parent / "tools/scripted_provider/scripted_provider"))
Decimal = decimal.Decimal

# What the scripted provider tells of every call: 21 tokens in, 8 of them cached, 4 out.
PRICES = """
[[model]]
vendor = "openai"
model = "paid"
context_tokens = 100000
input = "1.25"
cached_input = "0.125"
output = "10"
[[model]]
vendor = "openai"
model = "mystery"
"""
CALL = (Decimal(13) * Decimal("1.25") + Decimal(8) * Decimal("0.125") + Decimal(4) * 10) / 1_000_000  # 0.00005725


class Provider:
    def __enter__(self):
        self.process = subprocess.Popen([str(PROVIDER), "--key", "sk-scripted"], stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"http://\S+", self.process.stdout.readline()).group()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def play(self, scenario):
        body = json.dumps({"scenario": scenario}).encode()
        urllib.request.urlopen(urllib.request.Request(self.url + "/control/scenario", data=body, method="POST")).close()

    def calls(self):
        with urllib.request.urlopen(self.url + "/control/log") as answer:
            log = json.load(answer)
        return sum(entry["target"].endswith("/chat/completions") for entry in log["requests"])


@contextlib.contextmanager
def priced_fleet(prices=PRICES):
    with Provider() as provider:
        config = (f'default = "paid"\n[[provider]]\nname = "openai"\ndialect = "openai"\nbase_url = "{provider.url}/v1"\n'
                  'api_key = "env:OPENAI_API_KEY"\n'
                  '[[model]]\nname = "paid"\ntargets = [ { provider = "openai", model = "paid" } ]\n'
                  '[[model]]\nname = "mystery"\ntargets = [ { provider = "openai", model = "mystery" } ]\n')
        fleet = Fleet(config, environment={"OPENAI_API_KEY": "sk-scripted"})
        (fleet.folder / "models.toml").write_text(prices)
        with fleet:
            yield fleet, provider


def documents(fleet, count, lines=20):
    folder = fleet.folder / "in"
    folder.mkdir(exist_ok=True)
    for n in range(count):
        (folder / f"{n:03}.txt").write_text(f"Note {n}. The pump was repaired and the meeting moved to Friday.\n" * lines)
    return folder


def rows_of(folder):
    return [json.loads(line) for line in pathlib.Path(folder, "results.jsonl").read_text().splitlines()]


class Cost(unittest.TestCase):
    def chat(self, fleet, model="paid", stream=False):
        with fleet.request("POST", "/v1/chat/completions",
                           {"model": model, "stream": stream, "messages": [{"role": "user", "content": "hello"}]}) as answer:
            return answer.read()

    def usage(self, fleet, by, group):
        return next((row for row in fleet.get(f"/fleet/v1/usage?by={by}")["items"] if row["group"] == group), None)

    def test_every_call_is_priced_to_the_last_digit_and_an_unknown_price_is_not_zero(self):
        with priced_fleet() as (fleet, _):
            for n in range(7):
                self.chat(fleet, stream=n % 2 == 1)
            self.chat(fleet, model="mystery")
            row = wait_until("the calls are counted", lambda: (r := self.usage(fleet, "model", "paid")) and r["calls"] == 7 and r)
            self.assertEqual(Decimal(row["cost_usd"]), 7 * CALL)
            self.assertEqual(row["cost_usd"], "0.00040075")
            self.assertEqual(row["unpriced_calls"], 0)
            unknown = wait_until("the unpriced call is counted", lambda: self.usage(fleet, "model", "mystery"))
            self.assertIsNone(unknown["cost_usd"])
            self.assertEqual(unknown["unpriced_calls"], 1)
            self.assertEqual(Decimal(self.usage(fleet, "target", "openai/paid")["cost_usd"]), 7 * CALL)
            text = fleet.cli("usage").stdout
            self.assertIn("unknown", text)
            models = {m["id"]: m for m in fleet.get("/fleet/v1/models")["items"]}
            self.assertEqual(models["paid"]["price"], {"input": "1.25", "cached_input": "0.125", "output": "10.00"})
            self.assertFalse(models["paid"]["local"])
            self.assertEqual(models["paid"]["context_tokens"], 100000)
            self.assertIsNone(models["mystery"]["price"])
            # A name that stands in no list, with a price of the compiled-in table, by a dated snapshot.
            one, = fleet.get("/fleet/v1/models?name=openai/gpt-5-mini-2025-08-07")["items"]
            self.assertEqual(one["price"]["input"], "0.25")

    def test_a_batch_tells_beforehand_and_afterwards_what_it_costs(self):
        with priced_fleet() as (fleet, provider):
            folder = documents(fleet, 7)
            out = fleet.folder / "out"
            arguments = ["batch", "run", folder, "--prompt", "Summarise.", "-o", out]
            before = fleet.cli_json(*arguments, "--dry-run")
            self.assertTrue(before["estimate"])
            self.assertEqual(before["tasks"], 7)
            self.assertEqual(before["targets"], ["openai/paid"])
            self.assertEqual(before["output_tokens"], 7 * before["assumed_answer_tokens"])
            # 64 letters and signs, twenty times, in each of seven: some 300 tokens a document.
            self.assertTrue(7 * 250 < before["input_tokens"] < 7 * 600, before)
            money = (Decimal(before["input_tokens"]) * Decimal("1.25") + Decimal(before["output_tokens"]) * 10) / 1_000_000
            self.assertEqual(Decimal(before["cost_usd"]), money)
            text = fleet.cli(*arguments, "--dry-run").stdout
            self.assertIn("estimate: 7 tasks", text)
            self.assertIn("about $", text)
            self.assertIn("assumed", text)
            self.assertFalse(out.exists(), "a dry run writes nothing")
            self.assertEqual(fleet.get("/fleet/v1/batches")["items"], [])
            self.assertEqual(provider.calls(), 0)

            done = fleet.cli(*arguments)
            self.assertIn("estimate: 7 tasks", done.stderr)
            self.assertIn("cost: $0.00040075", done.stdout)
            for row in rows_of(out):
                self.assertEqual(row["state"], "succeeded")
                self.assertEqual(row["usage"]["cost_usd"], "0.00005725")
            batch = fleet.get("/fleet/v1/batches")["items"][0]
            self.assertEqual(batch["usage"]["cost_usd"], "0.00040075")
            workers = fleet.get("/fleet/v1/usage?by=worker")["items"]
            self.assertEqual(sum(Decimal(w["cost_usd"]) for w in workers), 7 * CALL)
            self.assertEqual(provider.calls(), 7)
            # Nothing is left: the estimate says so, and nothing is bought again.
            self.assertEqual(fleet.cli_json(*arguments, "--dry-run")["tasks"], 0)
            task = fleet.get("/fleet/v1/tasks?state=succeeded")["items"][0]
            self.assertEqual(fleet.get("/fleet/v1/tasks/" + task["id"])["attempts"][0]["usage"]["cost_usd"], "0.00005725")

    def test_with_the_limit_spent_the_rest_is_cancelled_and_what_was_paid_for_is_kept(self):
        with priced_fleet() as (fleet, provider):
            provider.play("slow:delay_ms=60")
            folder = documents(fleet, 60, lines=1)  # a question must fit into the limit
            out = fleet.folder / "out"
            limit = 10 * CALL
            arguments = ["batch", "run", folder, "--prompt", "Summarise.", "-o", out]
            done = fleet.cli(*arguments, "--max-cost", f"{limit:f}", check=False)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("more than --max-cost", done.stderr)
            self.assertRegex(done.stdout, r"budget reached: \$0\.000\d+ of --max-cost \$0\.0005725 is spent")
            rows = rows_of(out)
            self.assertEqual(len(rows), 60)
            kept = [r for r in rows if r["state"] == "succeeded"]
            rest = [r for r in rows if r["state"] == "cancelled"]
            self.assertEqual(len(kept) + len(rest), 60)
            for row in rest:
                self.assertEqual((row["reason"], row["error"]["code"]), ("budget", "budget"))
            for row in kept:
                self.assertTrue((out / row["output"]).read_text())
            batch = fleet.get("/fleet/v1/batches")["items"][0]
            self.assertEqual((batch["state"], batch["reason"], batch["max_cost_usd"]), ("cancelled", "budget", "0.0005725"))
            cost = Decimal(batch["usage"]["cost_usd"])
            self.assertEqual(cost, len(kept) * CALL)
            # Money is held back before each call, so that the limit holds with many at a time. The provider of this test tells of fewer
            # tokens than were sent, so that more is held back than a call costs in the end.
            self.assertTrue(4 * CALL <= cost <= limit, f"{cost / CALL} calls of {limit / CALL}")
            self.assertEqual(provider.calls(), len(kept))
            cancelled = fleet.get("/fleet/v1/tasks?state=cancelled")["items"][0]
            self.assertEqual(cancelled["reason"], "budget")
            self.assertIn("spent its limit of $0.0005725", fleet.cli("task", "why", cancelled["id"]).stdout)

            # The same command with more money does what is left, and only that.
            provider.play("normal")
            fleet.cli(*arguments, "--max-cost", "1")
            self.assertEqual({r["state"] for r in rows_of(out)}, {"succeeded"})
            self.assertEqual(provider.calls(), 60)

    def test_a_limit_survives_a_kill(self):
        with priced_fleet() as (fleet, provider):
            provider.play("slow:delay_ms=150")
            folder = documents(fleet, 60, lines=1)  # a question must fit into the limit
            out = fleet.folder / "out"
            limit = 12 * CALL
            made = fleet.cli_json("batch", "run", folder, "--prompt", "Summarise.", "-o", out, "--max-cost", f"{limit:f}", "--detach")
            path = "/fleet/v1/batches/" + made["batch"]
            wait_until("some was paid", lambda: Decimal(fleet.get(path)["usage"]["cost_usd"] or "0") > 0)
            fleet.hub.kill()
            fleet.start_hub()
            batch = wait_until("the batch ended", lambda: (b := fleet.get(path))["ended_at"] and b, 90)
            self.assertEqual((batch["state"], batch["reason"]), ("cancelled", "budget"))
            slots = max(w["slots"] for w in fleet.get("/fleet/v1/workers")["items"])
            cost = Decimal(batch["usage"]["cost_usd"])
            self.assertTrue(4 * CALL <= cost <= limit, f"{cost / CALL} calls of {limit / CALL}")
            self.assertEqual(cost % CALL, 0)
            # What was in flight at the kill may have been bought without being told; nothing that was recorded is bought again.
            self.assertLessEqual(provider.calls(), cost / CALL + slots)

    def test_a_limit_needs_a_price_and_an_amount(self):
        with priced_fleet() as (fleet, provider):
            folder = documents(fleet, 2)
            run = ["batch", "run", folder, "--prompt", "Summarise.", "-o", fleet.folder / "out"]
            refused = fleet.cli(*run, "-m", "mystery", "--max-cost", "1", check=False)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("openai/mystery", refused.stderr)
            self.assertIn("models.toml", refused.stderr)
            self.assertEqual(fleet.cli(*run, "--max-cost", "cheap", check=False).returncode, 2)
            self.assertEqual(fleet.get("/fleet/v1/batches")["items"], [])
            batch = fleet.post("/fleet/v1/batches", {"max_cost_usd": "1"})
            item = json.dumps({"index": 0, "task": {"kind": "prompt", "model": "mystery", "input": {"prompt": "x"}}}).encode()
            with self.assertRaises(urllib.error.HTTPError) as failed:
                fleet.request("POST", f"/fleet/v1/batches/{batch['id']}/items", item)
            self.assertEqual(failed.exception.code, 422)
            self.assertIn("mystery", failed.exception.read().decode())
            # Without a limit it runs, and nobody says that it was free.
            done = fleet.cli(*run, "-m", "mystery")
            self.assertIn("cost: unknown", done.stdout)
            self.assertEqual([r["usage"]["cost_usd"] for r in rows_of(fleet.folder / "out")], [None, None])
            self.assertEqual(provider.calls(), 2)

    def test_without_a_hub_nothing_is_guessed(self):
        with priced_fleet() as (fleet, _):
            folder = documents(fleet, 1)
            fleet.hub.stop()
            done = fleet.cli("batch", "run", folder, "--prompt", "x", "--dry-run", check=False)
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_an_engine_of_ones_own_costs_nothing_and_is_said_to_be_local(self):
        with priced_fleet() as (fleet, _):
            fleet.node("box", engine="llama")
            fleet.wait_for_engine("box")
            folder = documents(fleet, 2)
            done = fleet.cli("batch", "run", folder, "--prompt", "Summarise.", "-o", fleet.folder / "out", "-m", "flotte-demo",
                             "--max-cost", "0.01")
            self.assertIn("nothing to pay", done.stderr)
            self.assertEqual([r["usage"]["cost_usd"] for r in rows_of(fleet.folder / "out")], ["0.00", "0.00"])
            models = {m["id"]: m for m in fleet.get("/fleet/v1/models")["items"]}
            self.assertTrue(models["flotte-demo"]["local"])
            self.assertIsNone(models["flotte-demo"]["price"])

    def test_a_mistake_in_models_toml_is_told_with_its_line(self):
        fleet = Fleet()
        (fleet.folder / "models.toml").write_text('[[model]]\nvendor = "openai"\nmodel = "x"\ninput = 1.25\noutput = "2"\n')
        try:
            done = subprocess.run([str(BINARY), *map(str, fleet.hub.arguments)], capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("models.toml:4", done.stderr)
        finally:
            fleet.close(quiet=True)


if __name__ == "__main__":
    unittest.main()
