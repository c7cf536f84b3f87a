"""One edited contract: only what depends on it is read, checked and made again.

A run over everything remembers of each contract which others it needs, and what it says to all others (`facts`). When
only contracts were edited since, and none of them says anything else to all others, whatever may come out differently
lies among those that need them (`dependence`). An ordinary run over those and what they need (`part`) finds out. All
else stays as it is, and the documents that everything stands in are changed in these places (`splice`). Any doubt, and
any problem, is settled by a run over everything.
"""
