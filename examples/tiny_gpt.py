"""What becomes of a small language model that reads itself? Two policies, and what each writes in the end."""

import outcross as oc

MODEL = "transformer(size='100K', vocabulary=512, training=adamw(epochs=5, rate=0.005, batch=16))"
POLICIES = ["replace", "accumulate"]


def main() -> None:
    """Run the chains; print how well held-out human text is still predicted, and a text of the last generation."""
    chain = oc.Chain(MODEL, "builtin:python-reference", POLICIES, ["perplexity"], block=24, limit=150)
    history = chain.run(generations=2, replicates=2, seed=0, engine="serial")  # so small that one process is quicker
    texts = {excerpt.policy: excerpt.text for excerpt in history.excerpts if excerpt.generation == 2}
    for policy in history.policies:
        first, last = (history.measure(policy, "perplexity", generation) for generation in (1, 2))
        print(f"{policy}: perplexity per token {first}, and a generation later {last}; it writes: {texts[policy]}")


if __name__ == "__main__":
    main()
