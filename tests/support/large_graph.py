"""A graph whose things have thousands of values, participants and acts."""

__all__ = ["large_graph"]

_PREFIXES = """\
@prefix id: <https://w3id.org/ammtc/id/> .
@prefix ammtc: <https://w3id.org/ammtc/ontology#> .
@prefix concept: <https://w3id.org/ammtc/concept/> .
@prefix source: <https://w3id.org/ammtc/source/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ex: <http://example.org/> .

source:s a ammtc:SourceDocument .
<https://w3id.org/ammtc/source/s#p1> a ammtc:Passage ; ammtc:source source:s ; ammtc:paragraph 1 .
id:small a ammtc:MinisterialMeeting , ammtc:Meeting , ammtc:Event .
id:large a ammtc:MinisterialMeeting , ammtc:Meeting , ammtc:Event .
"""
_STATEMENTS = """\
id:large ex:value "value {number:05}" ; ammtc:participant id:p{number:05} .
id:p{number:05} rdfs:label "participant {number:05}" ; ex:about id:large .
id:a{number:05} a ammtc:Act ; ammtc:occasion id:large .
id:r{number:05} a ammtc:ActReport ; ammtc:reports id:a{number:05} ; ammtc:kind concept:adoption ;
  ammtc:status concept:done ; ammtc:evidence <https://w3id.org/ammtc/source/s#p1> .
"""


def large_graph(size: int) -> str:
    """Return a graph as Turtle, in which ``id:large`` has so many of everything, and ``id:small`` has nothing."""
    return _PREFIXES + "".join(_STATEMENTS.format(number=number) for number in range(size))
