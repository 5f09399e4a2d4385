"""Several web processes on one machine: whichever is asked tells of all of them together."""

import os
import subprocess
import sys
from pathlib import Path

ANSWERED = "from sdes.status import measures; measures.observe('/sign-in', 'GET', 200, 0.1);measures.in_progress.inc()"
ASKED = (
    "from prometheus_client import generate_latest; from sdes.status import exposition;"
    "print(generate_latest(exposition._of_this_machine()).decode())"
)


def test_requests_of_all_of_them_are_counted(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", ANSWERED], env=environment, check=True)
    found = subprocess.run([sys.executable, "-c", ASKED], env=environment, check=True, capture_output=True, text=True)
    assert 'sdes_requests_total{method="GET",route="/sign-in",status="2xx"} 2.0' in found.stdout
    assert "sdes_requests_in_progress 0" in found.stdout, "what a process that is gone had under way is gone too"
    assert 'sdes_request_seconds_count{route="/sign-in"} 2.0' in found.stdout
