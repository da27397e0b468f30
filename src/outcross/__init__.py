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
from outcross.evidence import behaviour, detect, recorder
from outcross.evidence.diagnostics import Check
from outcross.evidence.prevalence import Prevalence, prevalence
from outcross.evidence.study import Study, study
from outcross.lab import theory
from outcross.lab.again import measure_again
from outcross.lab.attribution import attribute
from outcross.lab.beside import Beside
from outcross.lab.chain import Chain
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
    "Comparison",
    "Corpus",
    "Counts",
    "Decoding",
    "Definition",
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
    "Fitted",
    "Found",
    "HasCounts",
    "HasFrequencies",
    "HasMoments",
    "History",
    "Inventory",
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
    "Provenance",
    "PublishedExperiment",
    "Quantifier",
    "Reading",
    "Recipe",
    "Records",
    "Reproduction",
    "Rows",
    "Sample",
    "Scored",
    "Scorer",
    "Scores",
    "Seed",
    "Setting",
    "Share",
    "Stage",
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
    "Verdict",
    "View",
    "Vocabulary",
    "Writer",
    "__version__",
    "attribute",
    "beats",
    "behaviour",
    "build",
    "catalogue",
    "checked",
    "chosen_plans",
    "detect",
    "example",
    "find",
    "listening",
    "measure_again",
    "nearest",
    "part_name",
    "parts",
    "prevalence",
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
    "words",
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
