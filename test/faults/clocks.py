"""Experiment 12: the hub's clock jumps, local time changes, the hub is away when a schedule is due."""
import calendar
import time

from fleet_under_test import wait_until
from ledger import Ledger
from setting import Clock, Ground
from table import experiment


def at(text):
    """Seconds since 1970 of a time in UTC."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


class Calendar:
    """A hub that is started at dates of our choice."""

    def __init__(self, fleet, clock):
        self.fleet, self.clock, self.known = fleet, clock, set()

    def go(self, text):
        """The hub dies and is started again when it is that time."""
        if self.fleet.hub.process:
            self.fleet.hub.kill()
        self.clock.set((at(text) - time.time()) / 3600)
        self.fleet.start_hub()

    def made(self):
        """Instants for which something was made, in order."""
        runs = self.fleet.get("/fleet/v1/schedules/nightly")["runs"]  # the newest; half a year of missed nights pushes others out
        self.known |= {r["instant"][:16] for r in runs if r["outcome"] == "made"}
        return sorted(self.known)


@experiment(12, "The hub's clock jumps by an hour both ways; summer time begins and ends; the hub is away for days when a schedule is due",
            "each instant fires once; what was missed is made up for as the schedule says; a deferral does not come early")
def hub_clock(seen):
    fleet = Ground()  # not started yet: the clock must be wrong before
    clock = Clock(fleet.folder)
    fleet.hub.environment.update(clock.environment)
    clock.set((at("2027-03-27T01:29:50Z") - time.time()) / 3600)
    with fleet, Ledger(fleet) as ledger:
        calendar_ = Calendar(fleet, clock)
        fleet.post("/fleet/v1/schedules", {"name": "nightly", "cron": "30 2 * * *", "zone": "Europe/Berlin", "catch_up": "last",
                                           "task": {"kind": "command", "worker": "nobody", "input": {"argv": ["true"]}}})
        expected = ["2027-03-27T01:30"]
        wait_until("an ordinary night", lambda: calendar_.made() == expected, 40)
        # Summer time begins: 02:30 does not come, it fires when the clock is set forward.
        calendar_.go("2027-03-28T00:59:56Z")
        expected.append("2027-03-28T01:00")
        wait_until("the night that has no 02:30", lambda: calendar_.made() == expected, 20)
        # Back by an hour, forward by an hour, back again: while it runs, and across restarts.
        for hours in (-1, 1, -1):
            clock.set((at("2027-03-28T01:00:30Z") - time.time()) / 3600 + hours)
            time.sleep(1)
        deferred = ledger.submit({"kind": "command", "worker": "nobody", "input": {"argv": ["true"]},
                                  "not_before": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at("2027-03-28T01:20:00Z")))})
        clock.set((at("2027-03-28T02:30:00Z") - time.time()) / 3600)
        time.sleep(2)
        early = fleet.task(deferred)
        assert (early["state"], early["reason"]) == ("waiting", "time"), early
        calendar_.go("2027-03-28T00:30:00Z")
        time.sleep(2)
        calendar_.go("2027-03-28T01:30:00Z")
        time.sleep(2)
        assert calendar_.made() == expected, calendar_.made()
        # Away for days.
        calendar_.go("2027-04-02T12:00:00Z")
        expected.append("2027-04-02T00:30")
        wait_until("what was missed", lambda: calendar_.made() == expected, 20)
        # Summer time ends: 02:30 comes twice.
        calendar_.go("2027-10-31T00:29:56Z")
        expected += ["2027-10-30T00:30", "2027-10-31T00:30"]
        try:
            wait_until("the first 02:30", lambda: calendar_.made() == expected, 20)
        except AssertionError as error:
            raise AssertionError(f"{error}: {calendar_.made()[-4:]}") from None
        calendar_.go("2027-10-31T01:29:56Z")
        time.sleep(8)
        assert calendar_.made() == expected, calendar_.made()
        tasks = fleet.get("/fleet/v1/tasks?limit=100")["items"]
        assert len(tasks) == len(expected) + 1, len(tasks)
        ledger.check()
        seen(f"{len(expected)} instants fired once each across eight starts, four jumps, the night without 02:30 (at the moment the clock was set forward), "
             "five days away (the last one was made up for) and the night with 02:30 twice (the first); a task that waits for a time did not start early")
