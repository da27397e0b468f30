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
    Shortage,
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
    "Change",
    "Check",
    "Checkup",
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
    "Forecast",
    "Found",
    "HasCounts",
    "HasFrequencies",
    "HasMoments",
    "History",
    "Inventory",
    "Key",
    "Labelled",
    "Lineage",
    "Linear",
    "LogProbs",
    "Measure",
    "MemoryPool",
    "Metric",
    "MissingInput",
    "MissingLibrary",
    "MixPlan",
    "MixVerification",
    "Mixed",
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
    "Shortage",
    "Snapshot",
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
    "Watch",
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
    "check",
    "check_proof",
    "checked",
    "chosen_plans",
    "croissant",
    "detect",
    "example",
    "export",
    "find",
    "forecast",
    "label",
    "label_table",
    "lineage",
    "listening",
    "load_key",
    "make_key",
    "marks",
    "measure_again",
    "mix",
    "nearest",
    "own_outputs",
    "part_name",
    "parts",
    "plan_mix",
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
    "snapshot",
    "stage",
    "stream_documents",
    "study",
    "theory",
    "verify",
    "verify_mix",
    "watch",
    "words",
    "write_atomically",
]


if TYPE_CHECKING:
    from outcross.guard.face import Change as Change
    from outcross.guard.face import Checkup as Checkup
    from outcross.guard.face import Forecast as Forecast
    from outcross.guard.face import Mixed as Mixed
    from outcross.guard.face import MixPlan as MixPlan
    from outcross.guard.face import MixVerification as MixVerification
    from outcross.guard.face import Snapshot as Snapshot
    from outcross.guard.face import Watch as Watch
    from outcross.guard.face import check as check
    from outcross.guard.face import forecast as forecast
    from outcross.guard.face import mix as mix
    from outcross.guard.face import plan_mix as plan_mix
    from outcross.guard.face import snapshot as snapshot
    from outcross.guard.face import verify_mix as verify_mix
    from outcross.guard.face import watch as watch
    from outcross.lab._torch.collapse_callback import CollapseCallback as CollapseCallback
    from outcross.vault.face import EVIDENCE as EVIDENCE
    from outcross.vault.face import Compaction as Compaction
    from outcross.vault.face import Description as Description
    from outcross.vault.face import Finding as Finding
    from outcross.vault.face import Key as Key
    from outcross.vault.face import Lineage as Lineage
    from outcross.vault.face import Proven as Proven
    from outcross.vault.face import PublicKey as PublicKey
    from outcross.vault.face import Receipt as Receipt
    from outcross.vault.face import Register as Register
    from outcross.vault.face import Request as Request
    from outcross.vault.face import SourceType as SourceType
    from outcross.vault.face import Stamp as Stamp
    from outcross.vault.face import Vault as Vault
    from outcross.vault.face import Verification as Verification
    from outcross.vault.face import Withdrawal as Withdrawal
    from outcross.vault.face import card as card
    from outcross.vault.face import check_proof as check_proof
    from outcross.vault.face import croissant as croissant
    from outcross.vault.face import export as export
    from outcross.vault.face import label as label
    from outcross.vault.face import label_table as label_table
    from outcross.vault.face import lineage as lineage
    from outcross.vault.face import load_key as load_key
    from outcross.vault.face import make_key as make_key
    from outcross.vault.face import own_outputs as own_outputs
    from outcross.vault.face import plan_withdrawal as plan_withdrawal
    from outcross.vault.face import prov as prov
    from outcross.vault.face import prove as prove
    from outcross.vault.face import verify as verify
else:

    def __getattr__(name: str) -> Any:
        """What is not imported before it is asked for: the vault, the guard, and a class of `transformers`."""
        if name == "CollapseCallback":
            try:
                from outcross.lab._torch.collapse_callback import CollapseCallback
            except ImportError as error:
                raise MissingLibrary(
                    f"CollapseCallback needs transformers ({error}): pip install 'outcross[lm]'"
                ) from error
            return CollapseCallback
        if name in __all__:
            from outcross.guard import face as guard
            from outcross.vault import face as vault

            return getattr(guard if name in guard.__all__ else vault, name)
        raise AttributeError(f"module 'outcross' has no attribute '{name}'")
