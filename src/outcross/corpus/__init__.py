"""Reading human data: files, built-in data, known populations."""

from outcross.corpus.corpus import Corpus
from outcross.corpus.reading import read

__all__ = ["Corpus", "read"]
