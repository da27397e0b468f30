"""Two groups, one bell curve: is the model class to blame for what is lost, or that samples are finite?"""

import outcross as oc


def main() -> None:
    """Share out the distance from the truth after five generations."""
    found = oc.attribute(
        "gaussian",
        "two_normals",
        metric="wasserstein",
        generations=5,
        sample_size=500,
        rich="mixture(components=2)",
        replicates=20,
    )
    print(found.sentence)
    for share in found.shares.values():
        print(share)


if __name__ == "__main__":
    main()
