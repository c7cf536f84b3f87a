"""How soon webhooks are acknowledged: an event of the simulator, with other ids, signed, at a steady rate."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stripe import StripeClient

from generated.saas.billing.stripe_webhook import WEBHOOK
from stripe_simulator import Simulator
from tests.bench.service.world import PATIENCE, SECRET, Place, Serving
from tests.support.project import ROOT

__all__ = ["RATE", "Acknowledging", "event_of_stripe", "worker"]

RATE = 200  # deliveries in a second
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Acknowledging:
    """A server, and the event that it is told."""

    serving: Serving
    event: Path

    def p99(self, seconds: float) -> float:
        """Milliseconds from when a delivery was due until its answer, of 99 in 100 the most.

        Raises `RuntimeError` when anything was answered otherwise than well.
        """
        words = [sys.executable, "-m", "tests.bench.service.deliveries", "--path", WEBHOOK.path]
        words += ["--event", str(self.event), "--secret", f"whsec_{SECRET}", "--port", str(self.serving.port)]
        words += ["--connections", str(CONNECTIONS), "--rate", str(RATE), "--seconds", str(seconds)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE + seconds)
        said = json.loads(done.stdout)
        if set(said["statuses"]) != {"200"}:
            raise RuntimeError(f"{WEBHOOK.key}: answered {said['statuses']}")
        return float(said["p99_ms"])


def event_of_stripe(folder: Path) -> Path:
    """A file with the event that a subscription has changed, as Stripe tells it."""
    with Simulator.start(folder / "stripe") as simulator:
        addresses = {"api": simulator.address, "meter_events": simulator.address}
        client = StripeClient("sk_test_bench", base_addresses=addresses)  # type: ignore[arg-type]
        product = client.v1.products.create({"name": "Team"})
        price = client.v1.prices.create(
            {"currency": "usd", "product": product.id, "unit_amount": 2000, "recurring": {"interval": "month"}}
        )
        card = "pm_card_visa"
        customer = client.v1.customers.create(
            {"payment_method": card, "invoice_settings": {"default_payment_method": card}}
        )
        client.v1.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}]})
        answer = client.raw_request("get", "/v1/events?type=customer.subscription.created")
    file = folder / "event.json"
    file.write_text(json.dumps(json.loads(answer.body)["data"][0]))
    return file


@contextmanager
def worker(place: Place, folder: Path) -> Iterator[None]:
    """A worker of the place that finds out whose events have come, which here are nobody's, while the block runs."""
    command = [str(Path(sys.executable).with_name("treaty")), "worker"]
    environment = {**place.environment(), "TREATY_DATA_DIR": str(folder), "TREATY_LOG_LEVEL": "error"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
