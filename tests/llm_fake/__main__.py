"""Try the bot with a language model that is not there, and with everything that can go wrong with one.

python -m tests.llm_fake                 # an honest model
python -m tests.llm_fake --fault stall   # one that stops midway; --help names them all
"""

from __future__ import annotations

import argparse
import time

from tests.llm_fake.replies import FAULTS
from tests.llm_fake.server import MODEL, FakeModel


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=8766)
    options.add_argument("--fault", choices=sorted(FAULTS), default="honest")
    given = options.parse_args()
    fake = FakeModel(port=given.port, default=FAULTS[given.fault]).start()
    print(f"VERBIND_LLM_BASE_URL={fake.url} VERBIND_LLM_MODEL={MODEL}\nStop met Ctrl+C.", flush=True)
    shown = 0
    try:
        while True:
            for exchange in fake.exchanges[shown:]:
                print(f"{exchange.path}: {len(exchange.raw)} tekens")
                shown += 1
            time.sleep(0.2)
    except KeyboardInterrupt:
        fake.stop()


if __name__ == "__main__":
    main()
