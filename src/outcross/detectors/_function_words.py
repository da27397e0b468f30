"""The function words of English: articles, pronouns, prepositions, conjunctions, auxiliaries, particles, and the few
adverbs and quantifiers that say nothing of a subject. A closed class, written down by its grammar (Quirk et al. 1985,
A Comprehensive Grammar of the English Language, 2.34 ff.).
"""

from __future__ import annotations

ARTICLES = (
    "a an the this that these those each every either neither some any no all both half such another other others"
)
PRONOUNS = """i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she
her hers herself it its itself they them their theirs themselves one ones oneself who whom whose which what whoever
whatever whichever someone somebody something anyone anybody anything everyone everybody everything nobody nothing
none"""
PREPOSITIONS = """about above across after against along alongside among amongst around as at before behind below
beneath beside besides between beyond by despite down during except for from in inside into like near of off on onto
out outside over past per since than through throughout till to toward towards under underneath until unto up upon
versus via with within without"""
CONJUNCTIONS = """and or but nor so yet if unless though although because while whilst whereas whether when whenever
where wherever why how once lest"""
AUXILIARIES = """am is are was were be been being have has had having do does did doing done can could may might must
shall should will would ought cannot"""
CONTRACTIONS = """i'm i've i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll
we're we've we'd we'll they're they've they'd they'll that's that'd that'll there's here's who's what's where's how's
let's isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't can't couldn't mayn't mightn't mustn't
shan't shouldn't won't wouldn't ain't"""
ADVERBS = """not too also very just only even still already again ever never always often sometimes usually here there
then now thus hence therefore however moreover furthermore nevertheless nonetheless otherwise instead indeed perhaps
maybe quite rather almost enough much many more most less least few fewer little several lot lots own same well back
away together else elsewhere soon later yes oh"""

FUNCTION_WORDS: frozenset[str] = frozenset(
    " ".join([ARTICLES, PRONOUNS, PREPOSITIONS, CONJUNCTIONS, AUXILIARIES, CONTRACTIONS, ADVERBS]).split()
)
