# From version 0.1.0 of the ontology to 0.2.0: SPARQL 1.1 Update (https://www.w3.org/TR/sparql11-update/).
#
# Load the files of the graph as named graphs, one a file, without the files of the ontology, and run this once. It says
# in the new terms what was said in the old ones, and leaves none of the old.
#
# What it cannot do, since only who reads the sources knows it:
# - which reports are of one act: each report gets an act of its own. Where two are one, let both report it, the second
#   by a statement that cites an ammtc:Identification;
# - which passages of a report are needed together: each that it cites counts now as enough. Where two are needed, cite
#   an ammtc:Derivation that rests on both; on a plain statement the passages of one axiom are needed together;
# - in which capacity a person acts, speaks, presides or takes part (ammtc:inCapacity, ammtc:onBehalfOf): what he does is
#   the state's only then; and taking part in a role, by ammtc:Participation;
# - how strongly derivations and identifications hold (ammtc:strength), which source an identification is about and
#   under which name;
# - which acts are under way, failed, postponed or cancelled: what was expected or proposed is foreseen;
# - the status of events; level and format beside the class that a meeting had; bodies that meet, such as the AMMTC;
# - the source's own verb (ammtc:wording): what it says of the manner is kept;
# - who proposed what was only proposed, as an act of its own, where no report has it;
# - which statement the editors prefer (ammtc:preference): a choice rests on the passages of the finding that it preferred;
# - what a copy repeats, and which of several findings that differed in one comparison differ from each other.

PREFIX ammtc: <https://w3id.org/ammtc/ontology#>
PREFIX concept: <https://w3id.org/ammtc/concept/>
PREFIX graph: <https://w3id.org/ammtc/graph/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX org: <http://www.w3.org/ns/org#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>

# 1. What followed by the old axioms is inferred anew.
DROP SILENT GRAPH graph:inferred ;

# 2. Classes of acts become kinds of reports.
DELETE { GRAPH ?g { ?report a ?class } }
INSERT { GRAPH ?g { ?report a ammtc:ActReport ; ammtc:kind ?kind } }
WHERE {
  VALUES (?class ?kind) {
    (ammtc:Accession concept:accession) (ammtc:Acknowledgement concept:acknowledgement)
    (ammtc:Adoption concept:adoption) (ammtc:Approval concept:approval) (ammtc:Development concept:development)
    (ammtc:Endorsement concept:endorsement) (ammtc:Establishment concept:establishment)
    (ammtc:Extension concept:extension) (ammtc:Handover concept:handover) (ammtc:Highlighting concept:highlighting)
    (ammtc:Intervention concept:intervention) (ammtc:Issuance concept:issuance) (ammtc:Proposal concept:proposal)
    (ammtc:Recommendation concept:recommendation) (ammtc:Release concept:release)
    (ammtc:Replacement concept:replacement) (ammtc:Signature concept:signature) (ammtc:Submission concept:submission)
    (ammtc:Support concept:support) (ammtc:Tabling concept:tabling) (ammtc:Welcome concept:welcome)
  }
  GRAPH ?g { ?report a ?class }
} ;

# 3. An act that had no more special class is a report too; its kind follows from its verb.
DELETE { GRAPH ?g { ?report a ammtc:Act } }
INSERT { GRAPH ?g { ?report a ammtc:ActReport } }
WHERE { GRAPH ?g { ?report a ammtc:Act } } ;

INSERT { GRAPH ?g { ?report ammtc:kind ?kind } }
WHERE {
  VALUES (?verb ?kind) {
    (ammtc:accedesTo concept:accession) (ammtc:acknowledges concept:acknowledgement) (ammtc:adopts concept:adoption)
    (ammtc:approves concept:approval) (ammtc:develops concept:development) (ammtc:endorses concept:endorsement)
    (ammtc:establishes concept:establishment) (ammtc:extends concept:extension) (ammtc:handsOver concept:handover)
    (ammtc:highlights concept:highlighting) (ammtc:issues concept:issuance) (ammtc:proposes concept:proposal)
    (ammtc:raises concept:intervention) (ammtc:recommends concept:recommendation) (ammtc:releases concept:release)
    (ammtc:replaces concept:replacement) (ammtc:signs concept:signature) (ammtc:submits concept:submission)
    (ammtc:supports concept:support) (ammtc:tables concept:tabling) (ammtc:welcomes concept:welcome)
  }
  GRAPH ?g { ?report a ammtc:ActReport ; ?verb ?object }
} ;

# 4. The recipient of a handover, and the incoming chair of a meeting, are members of the chairmanship.
DELETE { GRAPH ?g { ?report ammtc:recipient ?holder } }
INSERT {
  GRAPH ?g {
    ?chairmanship org:member ?holder .
    [] a owl:Axiom ; owl:annotatedSource ?chairmanship ; owl:annotatedProperty org:member ;
      owl:annotatedTarget ?holder ; ammtc:evidence ?evidence .
  }
}
WHERE { GRAPH ?g { ?report ammtc:recipient ?holder ; ammtc:handsOver ?chairmanship ; ammtc:evidence ?evidence } } ;

DELETE {
  GRAPH ?g {
    ?meeting ammtc:incomingChair ?holder .
    ?axiom owl:annotatedSource ?meeting ; owl:annotatedProperty ammtc:incomingChair .
  }
}
INSERT {
  GRAPH ?g {
    ?chairmanship a owl:NamedIndividual , ammtc:Chairmanship ; org:member ?holder .
    ?minted rdfs:label ?label ; org:organization ?series .
    ?axiom owl:annotatedSource ?chairmanship ; owl:annotatedProperty org:member .
  }
}
WHERE {
  GRAPH ?g { ?meeting ammtc:incomingChair ?holder }
  OPTIONAL {
    GRAPH ?g {
      ?axiom owl:annotatedSource ?meeting ; owl:annotatedProperty ammtc:incomingChair ; owl:annotatedTarget ?holder
    }
  }
  OPTIONAL { GRAPH ?other { ?report ammtc:handsOver ?known ; ammtc:atMeeting ?meeting } }
  OPTIONAL { GRAPH ?any { ?meeting rdfs:label ?name } }
  OPTIONAL { GRAPH ?where { ?meeting ammtc:series ?series } }
  BIND (IF(BOUND(?known), ?unbound, IRI(CONCAT(STR(?meeting), "-next-chairmanship"))) AS ?minted)
  BIND (COALESCE(?known, ?minted) AS ?chairmanship)
  BIND (STRLANG(CONCAT("chairmanship after ", COALESCE(?name, STR(?meeting))), "en") AS ?label)
} ;

# 5. Verbs state what was done: those of other acts, and of all that is not done, give way to ammtc:actsUpon.
DELETE { GRAPH ?g { ?report ?verb ?object . ?axiom owl:annotatedProperty ?verb } }
INSERT { GRAPH ?g { ?report ammtc:actsUpon ?object . ?axiom owl:annotatedProperty ammtc:actsUpon } }
WHERE {
  VALUES ?verb {
    ammtc:accedesTo ammtc:acknowledges ammtc:adopts ammtc:approves ammtc:develops ammtc:endorses ammtc:establishes
    ammtc:extends ammtc:handsOver ammtc:highlights ammtc:issues ammtc:proposes ammtc:raises ammtc:recommends
    ammtc:releases ammtc:replaces ammtc:signs ammtc:submits ammtc:supports ammtc:tables ammtc:welcomes
  }
  GRAPH ?g { ?report ?verb ?object }
  FILTER (
    ?verb NOT IN (ammtc:adopts, ammtc:approves, ammtc:endorses, ammtc:proposes, ammtc:releases, ammtc:replaces)
    || NOT EXISTS { GRAPH ?g { ?report ammtc:modality ammtc:done } }
  )
  OPTIONAL {
    GRAPH ?g {
      ?axiom owl:annotatedSource ?report ; owl:annotatedProperty ?verb ; owl:annotatedTarget ?object
    }
  }
} ;

# 6. Modalities become statuses; who put what force behind an act is an act of its own.
DELETE { GRAPH ?g { ?report ammtc:modality ?modality } }
INSERT { GRAPH ?g { ?report ammtc:status ?status } }
WHERE {
  VALUES (?modality ?status) {
    (ammtc:done concept:done) (ammtc:expected concept:foreseen) (ammtc:proposed concept:foreseen)
  }
  GRAPH ?g { ?report ammtc:modality ?modality }
} ;

# 7. Each report reports an act, whose IRI is made from its own.
INSERT {
  GRAPH ?g {
    ?report ammtc:reports ?act .
    ?act a owl:NamedIndividual , ammtc:Act ; rdfs:label ?label .
  }
}
WHERE {
  GRAPH ?g { ?report a ammtc:ActReport }
  OPTIONAL { GRAPH ?g { ?report rdfs:label ?label } }
  BIND (IRI(CONCAT(STR(?report), "-act")) AS ?act)
} ;

# 8. What is done to acts, or said of them, is done and said of the act, not of its report.
DELETE { GRAPH ?g { ?subject ?property ?report } }
INSERT { GRAPH ?g { ?subject ?property ?act } }
WHERE {
  GRAPH ?home { ?report ammtc:reports ?act }
  GRAPH ?g { ?subject ?property ?report }
  FILTER (?property NOT IN (ammtc:reports, ammtc:restsOnFact, owl:annotatedSource))
} ;

DELETE { GRAPH ?g { ?report ammtc:possiblySameAs ?other . ?axiom owl:annotatedSource ?report } }
INSERT { GRAPH ?g { ?act ammtc:possiblySameAs ?other . ?axiom owl:annotatedSource ?act } }
WHERE {
  GRAPH ?home { ?report ammtc:reports ?act }
  GRAPH ?g { ?report ammtc:possiblySameAs ?other }
  OPTIONAL { GRAPH ?g { ?axiom owl:annotatedSource ?report ; owl:annotatedProperty ammtc:possiblySameAs } }
} ;

# 9. A photograph is a document: its evidence goes to the axioms of what is said of it.
INSERT {
  GRAPH ?g {
    [] a owl:Axiom ; owl:annotatedSource ?photograph ; owl:annotatedProperty ?property ; owl:annotatedTarget ?value ;
      ammtc:evidence ?evidence .
  }
}
WHERE {
  GRAPH ?g { ?photograph a ammtc:Photograph ; ammtc:evidence ?evidence ; ?property ?value }
  FILTER (?property NOT IN (rdf:type, rdfs:label, ammtc:evidence))
} ;

DELETE { GRAPH ?g { ?photograph ammtc:evidence ?evidence } }
WHERE { GRAPH ?g { ?photograph a ammtc:Photograph ; ammtc:evidence ?evidence } } ;

# 10. Findings: those of sources that are silent, and of copies of a source with the same finding, are computed now.
DELETE { GRAPH ?g { ?finding ?property ?value . ?comparison ammtc:finding ?finding } }
WHERE {
  GRAPH ?g { ?finding ammtc:comparisonClass ammtc:silent ; ?property ?value . ?comparison ammtc:finding ?finding }
} ;

DELETE { GRAPH ?g { ?finding ?property ?value . ?comparison ammtc:finding ?finding } }
WHERE {
  GRAPH ?home { ?part ammtc:copyOf ?original }
  GRAPH ?ofPart { ?part ammtc:partOfSource? ?copy }
  GRAPH ?ofOriginal { ?original ammtc:partOfSource? ?copied }
  GRAPH ?g {
    ?finding ammtc:inSource ?copy ; ammtc:comparisonClass ?class ; ?property ?value .
    ?comparison ammtc:finding ?finding , ?other .
    ?other ammtc:inSource ?copied ; ammtc:comparisonClass ?class .
  }
} ;

# How the others stand to each other is said pairwise.
INSERT { GRAPH ?g { ?one ?relation ?other } }
WHERE {
  VALUES (?class ?otherClass ?relation) {
    (ammtc:same ammtc:same ammtc:agreesWith)
    (ammtc:differing ammtc:differing ammtc:differsFrom)
    (ammtc:narrower ammtc:same ammtc:saysLessThan)
  }
  GRAPH ?g {
    ?comparison ammtc:finding ?one , ?other .
    ?one ammtc:comparisonClass ?class .
    ?other ammtc:comparisonClass ?otherClass .
  }
  FILTER (?class != ?otherClass || STR(?one) < STR(?other))
} ;

DELETE { GRAPH ?g { ?finding ammtc:comparisonClass ?class } }
WHERE { GRAPH ?g { ?finding ammtc:comparisonClass ?class } } ;

# 11. A choice rests on what the preferred finding rests on.
DELETE { GRAPH ?g { ?choice ammtc:prefers ?finding } }
INSERT { GRAPH ?g { ?choice ammtc:restsOn ?passage } }
WHERE {
  GRAPH ?g { ?choice ammtc:prefers ?finding }
  OPTIONAL { GRAPH ?g { ?finding ammtc:restsOn ?passage } }
} ;

# 12. Kinds of meetings, sessions, instruments and organisations that have no class any more.
DELETE { GRAPH ?g { ?thing a ?class } }
INSERT { GRAPH ?g { ?thing a ?general ; ?property ?kind } }
WHERE {
  VALUES (?class ?general ?property ?kind) {
    (ammtc:AcademicInstitution org:Organization ammtc:kind concept:academic-institution)
    (ammtc:Company org:Organization ammtc:kind concept:company)
    (ammtc:CooperationProgramme org:Organization ammtc:kind concept:cooperation-programme)
    (ammtc:MediaOrganization org:Organization ammtc:kind concept:media-organisation)
    (ammtc:ParliamentaryAssembly org:Organization ammtc:kind concept:parliamentary-assembly)
    (ammtc:JointStatement ammtc:Instrument ammtc:kind concept:joint-statement)
    (ammtc:MemorandumOfUnderstanding ammtc:Instrument ammtc:kind concept:memorandum-of-understanding)
    (ammtc:PublicStatement ammtc:Instrument ammtc:kind concept:public-statement)
    (ammtc:Roadmap ammtc:Instrument ammtc:kind concept:roadmap)
    (ammtc:WorkPlan ammtc:Instrument ammtc:kind concept:work-plan)
    (ammtc:OpeningCeremony ammtc:Session ammtc:kind concept:opening-ceremony)
    (ammtc:RetreatSession ammtc:Session ammtc:kind concept:retreat-session)
    (ammtc:SideProgramme ammtc:Event ammtc:kind concept:side-programme)
    (ammtc:Forum ammtc:Meeting ammtc:format concept:forum)
  }
  GRAPH ?g { ?thing a ?class }
} ;

# 13. An instrument that is a meeting's outcome was acted upon there; where no report has it, of which kind is left open.
INSERT {
  GRAPH ?g {
    ?report a owl:NamedIndividual , ammtc:ActReport ; rdfs:label ?label ; ammtc:status concept:done ;
      ammtc:actsUpon ?instrument ; ammtc:atEvent ?meeting ; ammtc:evidence ?evidence ; ammtc:reports ?act .
    ?act a owl:NamedIndividual , ammtc:Act ; rdfs:label ?label .
  }
}
WHERE {
  GRAPH ?g {
    ?meeting ammtc:outcome ?instrument .
    ?axiom owl:annotatedSource ?meeting ; owl:annotatedProperty ammtc:outcome ; owl:annotatedTarget ?instrument ;
      ammtc:evidence ?evidence .
  }
  FILTER NOT EXISTS { GRAPH ?g { ?known a ammtc:ActReport ; ammtc:atMeeting ?meeting ; ?verb ?instrument } }
  OPTIONAL { GRAPH ?home { ?instrument rdfs:label ?name } }
  BIND (STRLANG(CONCAT(COALESCE(?name, STR(?instrument)), " as an outcome"), "en") AS ?label)
  BIND (REPLACE(STR(?instrument), "^.*/", "") AS ?local)
  BIND (IRI(CONCAT(STR(?meeting), "-outcome-", ?local)) AS ?report)
  BIND (IRI(CONCAT(STR(?report), "-act")) AS ?act)
} ;

DELETE { GRAPH ?g { ?meeting ammtc:outcome ?instrument . ?axiom ?property ?value } }
WHERE {
  GRAPH ?g { ?meeting ammtc:outcome ?instrument }
  OPTIONAL { GRAPH ?g { ?axiom owl:annotatedProperty ammtc:outcome ; ?property ?value } }
} ;

# 14. What follows by a path now, or by another property, is not stated.
DELETE { GRAPH ?g { ?subject ?property ?object } }
INSERT { GRAPH ?g { ?object ?inverse ?subject } }
WHERE {
  VALUES (?property ?inverse) {
    (ammtc:hasPart ammtc:partOf) (ammtc:participatesIn ammtc:participant) (ammtc:seriesMeeting ammtc:series)
    (ammtc:subjectOfAct ammtc:actsUpon) (ammtc:tenure org:member)
  }
  GRAPH ?g { ?subject ?property ?object }
} ;

DELETE { GRAPH ?g { ?subject ?property ?object } }
WHERE {
  VALUES ?property { ammtc:adoptedInSeries ammtc:adoptionForeseenAt ammtc:met ammtc:submissionForeseenAt }
  GRAPH ?g { ?subject ?property ?object }
} ;

# 15. Properties under another name, or merged: as predicates, then where an axiom names them.
DELETE { GRAPH ?g { ?subject ?old ?object } }
INSERT { GRAPH ?g { ?subject ?new ?object } }
WHERE {
  VALUES (?old ?new) {
    (ammtc:actingBody ammtc:actor) (ammtc:actingPerson ammtc:actor) (ammtc:actingState ammtc:actor)
    (ammtc:addressedTo ammtc:toBeCarriedOutBy) (ammtc:atMeeting ammtc:atEvent) (ammtc:attendee ammtc:participant)
    (ammtc:attributedTo ammtc:accordingTo) (ammtc:chairBody ammtc:chair) (ammtc:chairPerson ammtc:chair)
    (ammtc:chairState ammtc:chair) (ammtc:chairmanshipHolder org:member) (ammtc:chairmanshipOf org:organization)
    (ammtc:coChairPerson ammtc:coChair) (ammtc:coChairState ammtc:coChair) (ammtc:compares ammtc:concerns)
    (ammtc:gist ammtc:summary) (ammtc:heldBy ammtc:side) (ammtc:heldWith ammtc:side) (ammtc:inSource ammtc:source)
    (ammtc:lacunaIn ammtc:source) (ammtc:locatedIn ammtc:country) (ammtc:manner ammtc:wording)
    (ammtc:number ammtc:paragraph) (ammtc:onSidelinesOf ammtc:heldAlongside)
    (ammtc:participatingState ammtc:participant) (ammtc:passageOf ammtc:source) (ammtc:rank ammtc:rankTitle)
    (ammtc:restsOnFact ammtc:restsOnReport) (ammtc:voice ammtc:origin) (ammtc:workingGroupOf org:subOrganizationOf)
    (skos:exactMatch schema:sameAs)
  }
  GRAPH ?g { ?subject ?old ?object }
} ;

DELETE { GRAPH ?g { ?axiom owl:annotatedProperty ?old } }
INSERT { GRAPH ?g { ?axiom owl:annotatedProperty ?new } }
WHERE {
  VALUES (?old ?new) {
    (ammtc:actingBody ammtc:actor) (ammtc:actingPerson ammtc:actor) (ammtc:actingState ammtc:actor)
    (ammtc:addressedTo ammtc:toBeCarriedOutBy) (ammtc:atMeeting ammtc:atEvent) (ammtc:attendee ammtc:participant)
    (ammtc:attributedTo ammtc:accordingTo) (ammtc:chairBody ammtc:chair) (ammtc:chairPerson ammtc:chair)
    (ammtc:chairState ammtc:chair) (ammtc:chairmanshipHolder org:member) (ammtc:chairmanshipOf org:organization)
    (ammtc:coChairPerson ammtc:coChair) (ammtc:coChairState ammtc:coChair) (ammtc:compares ammtc:concerns)
    (ammtc:gist ammtc:summary) (ammtc:heldBy ammtc:side) (ammtc:heldWith ammtc:side) (ammtc:inSource ammtc:source)
    (ammtc:lacunaIn ammtc:source) (ammtc:locatedIn ammtc:country) (ammtc:manner ammtc:wording)
    (ammtc:number ammtc:paragraph) (ammtc:onSidelinesOf ammtc:heldAlongside)
    (ammtc:participatingState ammtc:participant) (ammtc:passageOf ammtc:source) (ammtc:rank ammtc:rankTitle)
    (ammtc:restsOnFact ammtc:restsOnReport) (ammtc:voice ammtc:origin) (ammtc:workingGroupOf org:subOrganizationOf)
    (skos:exactMatch schema:sameAs)
  }
  GRAPH ?g { ?axiom owl:annotatedProperty ?old }
} ;

# 16. Classes under another name.
DELETE { GRAPH ?g { ?thing a ?old } }
INSERT { GRAPH ?g { ?thing a ?new } }
WHERE {
  VALUES (?old ?new) { (ammtc:ReportedFact ammtc:Report) (ammtc:Voice ammtc:Origin) }
  GRAPH ?g { ?thing a ?old }
} ;

# 17. Concepts under another name, or merged; one statement in two terms is one.
DELETE { GRAPH ?g { ?subject ?property ?old } }
INSERT { GRAPH ?g { ?subject ?property ?new } }
WHERE {
  VALUES (?old ?new) {
    (concept:education concept:education-and-training-abroad) (concept:international-collaboration concept:cooperation)
    (concept:regional-cooperation concept:cooperation) (concept:sports concept:sports-for-prevention)
    (concept:wider-policy concept:themes)
  }
  GRAPH ?g { ?subject ?property ?old }
} ;

# 18. The files are of version 0.2.0.
DELETE { GRAPH ?g { ?ontology owl:versionIRI ?old ; owl:versionInfo "0.1.0" } }
INSERT { GRAPH ?g { ?ontology owl:versionIRI ?new ; owl:priorVersion ?old ; owl:versionInfo "0.2.0" } }
WHERE {
  GRAPH ?g { ?ontology a owl:Ontology ; owl:versionIRI ?old ; owl:versionInfo "0.1.0" }
  BIND (IRI(REPLACE(STR(?old), "0\\.1\\.0$", "0.2.0")) AS ?new)
}
