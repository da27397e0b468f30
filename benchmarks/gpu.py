"""Language models on an NVIDIA GPU: what fraction of the bfloat16 matrix peak training reaches, and how many tokens a
second are written, against ``generate`` of `transformers` with the same weights. Without a GPU it says so and ends.

The peak is measured, by a product of two large square matrices. Training is counted as 6 floating-point operations a
parameter and token, all parameters but the tables of tokens and positions, plus the product with the table of tokens
that makes the logits; attention's own products are left out, so the fraction is rather too low than too high.

What limits us: for small networks, the time that Python takes to start a few hundred kernels a step; for writing, that
every token reads all weights and all keys and values, so bandwidth and not arithmetic.
Run: ``python benchmarks/gpu.py [--json] [--quick]``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from outcross.core.seed import Seed
from outcross.decodings.sampling import Sampling
from outcross.models._torch import gpt
from outcross.models._torch.fine_tuning import LanguageProblem, Rows
from outcross.models._torch.writing import write
from outcross.trainings.adamw import Adamw

VOCABULARY, WINDOW = 32_768, 1024


def seconds(run: Callable[[], object], repeats: int = 3) -> float:
    """Median time of several runs, after one that does not count."""
    run()
    times = []
    for _ in range(repeats):
        torch.cuda.synchronize()
        start = time.perf_counter()
        run()
        torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def peak(side: int) -> float:
    """Floating-point operations a second of a bfloat16 product of two square matrices."""
    one, other = (torch.randn(side, side, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    times = 20

    def run() -> None:
        for _ in range(times):
            torch.mm(one, other)

    return 2 * side**3 * times / seconds(run)


def training(size: str, batch: int, steps: int) -> dict[str, float]:
    """Tokens a second, and floating-point operations a second."""
    network = gpt.build(size, VOCABULARY, WINDOW, Seed(0)).to("cuda")
    shape = network.shape
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, VOCABULARY, (batch * steps, WINDOW + 1), dtype=np.int32)
    rows = Rows(tokens, np.ones((batch * steps, WINDOW), dtype=np.float32))
    problem = LanguageProblem(network, rows, None, None)
    learning = Adamw(steps=steps, batch=batch, precision="bf16")
    rate = batch * steps * WINDOW / seconds(lambda: learning.run(problem, Seed(0)))
    return {"tokens": rate, "operations": 6 * (shape.parameters - WINDOW * shape.width) * rate}


def writing(size: str, texts: int, length: int) -> dict[str, float]:
    """Tokens a second, ours and those of ``generate``, in float32 as weights are."""
    network = gpt.build(size, VOCABULARY, WINDOW, Seed(0)).to("cuda").eval()
    with tempfile.TemporaryDirectory() as folder:
        gpt.save(network, Path(folder))
        theirs = transformers.GPT2LMHeadModel.from_pretrained(folder).to("cuda").eval()
    begin = torch.zeros(texts, 1, dtype=torch.long, device="cuda")
    prompts = [np.zeros(1, dtype=np.int64)] * texts

    def ours() -> None:
        with torch.inference_mode():
            write(network, prompts, length, None, Sampling(), Seed(0), texts)

    def generate() -> None:
        sampling = {"do_sample": True, "top_k": 0, "max_new_tokens": length, "min_new_tokens": length}
        theirs.generate(begin, attention_mask=torch.ones_like(begin), pad_token_id=0, **sampling)

    found = {"outcross": texts * length / seconds(ours), "generate": texts * length / seconds(generate)}
    return found | {"ratio": found["outcross"] / found["generate"]}


def measure(quick: bool) -> dict[str, Any]:
    """All of it."""
    most = peak(1024 if quick else 8192)
    found: dict[str, Any] = {"device": torch.cuda.get_device_name(), "peak": most, "training": {}, "writing": {}}
    for size, batch in (("1M", 4),) if quick else (("30M", 32), ("100M", 32), ("350M", 16)):
        run = training(size, batch, 2 if quick else 20)
        found["training"][size] = run | {"fraction of the peak": run["operations"] / most}
    for size in ("1M",) if quick else ("1M", "30M", "100M"):
        found["writing"][size] = writing(size, 4 if quick else 64, 8 if quick else 256)
    return found


def main() -> None:
    """Print rates and ratios, or everything as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true")
    options.add_argument("--quick", action="store_true", help="see that it runs: the times mean nothing")
    given = options.parse_args()
    if not torch.cuda.is_available():
        reason = "not measured: there is no CUDA device here"
        print(json.dumps({"skipped": reason}) if given.json else reason)
        return
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    found = measure(given.quick)
    if given.json:
        print(json.dumps(found))
        return
    print(f"{found['device']}: {found['peak'] / 1e12:,.0f} TFLOP/s, a bfloat16 product of large matrices")
    for size, run in found["training"].items():
        rates = f"{run['tokens']:,.0f} tokens/s, {run['operations'] / 1e12:,.1f} TFLOP/s"
        print(f"train {size:6} {rates}, {run['fraction of the peak']:.0%} of the peak")
    for size, run in found["writing"].items():
        print(f"write {size:6} {run['outcross']:,.0f} tokens/s, generate {run['generate']:,.0f}: {run['ratio']:.1f} x")


if __name__ == "__main__":
    main()
