"""What becomes of ten blue cats among ninety yellow ones? Three policies, from common seeds."""

import outcross as oc

POLICIES = ["replace", "anchor(real=0.1)", "balance(policy=replace)"]
BLUE = "survival(type=1)"  # types are numbered by frequency: yellow is 0, blue is 1


def main() -> None:
    """Run the chains; print how many of them still have a blue cat, and the verdict on the tails."""
    chain = oc.Chain("categorical", "builtin:cats", POLICIES, [BLUE, "types"])
    history = chain.run(generations=50, replicates=100, seed=0)
    tails = {verdict.policy: verdict for verdict in history.verdicts() if verdict.definition == "tail_loss"}
    for policy in history.policies:
        alive = history.measure(policy, BLUE, 50)
        print(f"{policy}: blue cats are left in {alive} of the chains; tails lost: {tails[policy].answer}")


if __name__ == "__main__":
    main()
