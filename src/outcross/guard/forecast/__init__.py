"""How much of a corpus is left after so many generations: the loop on fast surrogates of this very corpus."""
