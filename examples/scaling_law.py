"""Does the power law by which the risk falls with the sample size change? One run cannot tell; several sizes can."""

import outcross as oc

SIZES = (25, 50, 100, 200)


def main() -> None:
    """Run the same chain at every sample size, and judge the exponent of the tenth generation against the first."""
    definition = oc.build("verdict", "scaling_law_change")
    for policy in ("replace", "fresh(real=0.5)"):
        traces = {}
        for size in SIZES:
            chain = oc.Chain("gaussian(ddof=1)", "normal", policy, ["wasserstein"], sample_size=size)
            traces[size] = chain.run(generations=10, replicates=2000, seed=0).traces(policy)
        print(definition.across(policy, traces))


if __name__ == "__main__":
    main()
