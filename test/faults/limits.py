"""A provider's limit for three and a half minutes: 60 requests a minute, 200 tasks, a person beside them."""
import os
import re
import subprocess
import sys

from fleet_under_test import ROOT
from table import experiment


@experiment("limits", "60 requests a minute and 200 tasks that wait, for 205 s", "never more than the limit, never idle by more than a tenth, an interactive call gets through at once")
def limits(seen):
    # The end-to-end test in its full length; script/test runs its short form.
    done = subprocess.run([sys.executable, "-m", "unittest", "test_provider_limits.ProviderLimits.test_the_limit_is_kept_and_used_and_a_person_gets_through_at_once"],
                          cwd=ROOT / "test/e2e", env=dict(os.environ, FLOTTE_LIMITS_FULL="1"), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, (done.stdout + done.stderr)[-600:]
    seen(re.search(r"^\d+ requests a minute, .*$", done.stdout, re.M).group())
