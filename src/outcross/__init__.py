"""outcross keeps generative models from collapsing on their own output.

Run and measure recursive training, judge it by every published definition of collapse, see which data policy helps::

    import outcross as oc

    history = oc.Chain(model="gaussian(ddof=1)", data="normal", policy=["replace", "accumulate"]).run(generations=50)
    history.report("report.html")
"""

from typing import TYPE_CHECKING, Any

from outcross.core.batch import Batch, HasCounts, HasFrequencies, HasMoments, NotDivisible, Records
from outcross.core.decoding import Decoding, Writer
from outcross.core.detector import Detector, Scorer
from outcross.core.documents import Documents, Labelled
from outcross.core.engine import Engine
from outcross.core.errors import (
    BadInput,
    BadSetting,
    Diverged,
    MissingInput,
    MissingLibrary,
    NotProven,
    OutcrossError,
    OutOfMemory,
    OutputRefused,
    UnknownPart,
    nearest,
)
from outcross.core.inventory import Inventory
from outcross.core.measure import Measure
from outcross.core.memory import MemoryPool
from outcross.core.metric import Metric, Reading, View
from outcross.core.model import (
    Editing,
    Encoder,
    Exact,
    ExactModel,
    Fitted,
    Model,
    Neural,
    Pretrained,
    Prompted,
    Scored,
    Stored,
    Tokenwise,
)
from outcross.core.part import SHELVES, Part, build, example, find, part_name, parts, words
from outcross.core.policy import Policy
from outcross.core.pool import Pool
from outcross.core.population import Population
from outcross.core.progress import listening
from outcross.core.provenance import Origin, Provenance, Stratum
from outcross.core.quantifier import Quantifier, Sample, Scores
from outcross.core.recipe import Draw, Recipe
from outcross.core.records import Rows, Symbols
from outcross.core.seed import Seed
from outcross.core.setting import Between, Setting, settings_of
from outcross.core.statistics import Counts, Linear, LogProbs, Moments, Normal, Probabilities
from outcross.core.text import Texts, Vocabulary
from outcross.core.tokens import TokenScores
from outcross.core.tracker import TrackedRun, Tracker
from outcross.core.training import Problem, Trained, Training
from outcross.core.verdict import Answer, Definition, Evidence, Trace, Verdict
from outcross.core.version import VERSION
from outcross.corpus import Corpus, read
from outcross.corpus.documents import Columns, Found, read_documents, sample_documents, stream_documents
from outcross.corpus.fields import Fields
from outcross.corpus.share import Share as WorkShare
from outcross.evidence import behaviour, detect, marks, recorder
from outcross.evidence.diagnostics import Check
from outcross.evidence.prevalence import Prevalence, prevalence
from outcross.evidence.study import Study, study
from outcross.lab import theory
from outcross.lab.again import measure_again
from outcross.lab.attribution import attribute
from outcross.lab.beside import Beside
from outcross.lab.chain import Chain
from outcross.lab.files import write_atomically
from outcross.lab.heartbeat import Beat, beats
from outcross.lab.history import Facts, History
from outcross.lab.plan import Plan, checked
from outcross.lab.reproduce.catalogue import catalogue, published_experiment
from outcross.lab.reproduce.comparison import Comparison
from outcross.lab.reproduce.published import PublishedExperiment
from outcross.lab.reproduce.reproduction import Reproduction, chosen_plans, reproduce
from outcross.lab.shares import Attribution, Share
from outcross.lab.stage import Stage, stage
from outcross.lab.steps import Step
from outcross.vault.adding import Receipt, Request
from outcross.vault.compaction import Compaction
from outcross.vault.exporting import export
from outcross.vault.keys import Key, PublicKey, load_key, make_key
from outcross.vault.labelling import EVIDENCE
from outcross.vault.labels.card import card
from outcross.vault.labels.croissant import croissant
from outcross.vault.labels.description import Description
from outcross.vault.labels.iptc import SourceType
from outcross.vault.labels.prov import prov
from outcross.vault.labels.register import Register
from outcross.vault.labels.stamp import Stamp
from outcross.vault.labels.stamp import stamp as label
from outcross.vault.labels.table import label_table, own_outputs
from outcross.vault.proving import Proven, check_proof, prove
from outcross.vault.vault import Vault
from outcross.vault.verification import Finding, Verification
from outcross.vault.verifying import verify
from outcross.vault.withdrawal import Withdrawal, plan_withdrawal

__version__ = VERSION

__all__ = [
    "EVIDENCE",
    "SHELVES",
    "Answer",
    "Attribution",
    "BadInput",
    "BadSetting",
    "Batch",
    "Beat",
    "Beside",
    "Between",
    "Chain",
    "Check",
    "Columns",
    "Compaction",
    "Comparison",
    "Corpus",
    "Counts",
    "Decoding",
    "Definition",
    "Description",
    "Detector",
    "Diverged",
    "Documents",
    "Draw",
    "Editing",
    "Encoder",
    "Engine",
    "Evidence",
    "Exact",
    "ExactModel",
    "Facts",
    "Fields",
    "Finding",
    "Fitted",
    "Found",
    "HasCounts",
    "HasFrequencies",
    "HasMoments",
    "History",
    "Inventory",
    "Key",
    "Labelled",
    "Linear",
    "LogProbs",
    "Measure",
    "MemoryPool",
    "Metric",
    "MissingInput",
    "MissingLibrary",
    "Model",
    "Moments",
    "Neural",
    "Normal",
    "NotDivisible",
    "NotProven",
    "Origin",
    "OutOfMemory",
    "OutcrossError",
    "OutputRefused",
    "Part",
    "Plan",
    "Policy",
    "Pool",
    "Population",
    "Pretrained",
    "Prevalence",
    "Probabilities",
    "Problem",
    "Prompted",
    "Proven",
    "Provenance",
    "PublicKey",
    "PublishedExperiment",
    "Quantifier",
    "Reading",
    "Receipt",
    "Recipe",
    "Records",
    "Register",
    "Reproduction",
    "Request",
    "Rows",
    "Sample",
    "Scored",
    "Scorer",
    "Scores",
    "Seed",
    "Setting",
    "Share",
    "SourceType",
    "Stage",
    "Stamp",
    "Step",
    "Stored",
    "Stratum",
    "Study",
    "Symbols",
    "Texts",
    "TokenScores",
    "Tokenwise",
    "Trace",
    "TrackedRun",
    "Tracker",
    "Trained",
    "Training",
    "UnknownPart",
    "Vault",
    "Verdict",
    "Verification",
    "View",
    "Vocabulary",
    "Withdrawal",
    "WorkShare",
    "Writer",
    "__version__",
    "attribute",
    "beats",
    "behaviour",
    "build",
    "card",
    "catalogue",
    "check_proof",
    "checked",
    "chosen_plans",
    "croissant",
    "detect",
    "example",
    "export",
    "find",
    "label",
    "label_table",
    "listening",
    "load_key",
    "make_key",
    "marks",
    "measure_again",
    "nearest",
    "own_outputs",
    "part_name",
    "parts",
    "plan_withdrawal",
    "prevalence",
    "prov",
    "prove",
    "published_experiment",
    "read",
    "read_documents",
    "recorder",
    "reproduce",
    "sample_documents",
    "settings_of",
    "stage",
    "stream_documents",
    "study",
    "theory",
    "verify",
    "words",
    "write_atomically",
]


if TYPE_CHECKING:
    from outcross.lab._torch.collapse_callback import CollapseCallback as CollapseCallback
else:

    def __getattr__(name: str) -> Any:
        """`CollapseCallback` is a class of `transformers`, which is not imported before it is asked for."""
        if name != "CollapseCallback":
            raise AttributeError(f"module 'outcross' has no attribute '{name}'")
        try:
            from outcross.lab._torch.collapse_callback import CollapseCallback
        except ImportError as error:
            raise MissingLibrary(
                f"CollapseCallback needs transformers ({error}): pip install 'outcross[lm]'"
            ) from error
        return CollapseCallback
