"""The rules of OWL 2 RL one by one: what each concludes and what not, by kb's engine and by owlrl, with its proof."""

from pathlib import Path

import pytest
from proof_checker import problems
from rdflib import Graph

from kb.rdf.turtle import parse
from kb.reasoning import Materialization
from kb.reasoning.infer import infer

CASES = Path(__file__).parent / "reason" / "rules"
RULES = sorted(folder.name for folder in CASES.iterdir())
#: The rules that conclude "false" are in test_reason.py.
TABLE_4 = "eq-sym eq-trans eq-rep-s eq-rep-p eq-rep-o"
TABLE_5 = (
    "prp-dom prp-rng prp-fp prp-ifp prp-symp prp-trp prp-spo1 prp-spo2 prp-eqp1 prp-eqp2 prp-inv1 prp-inv2 prp-key"
)
TABLE_6 = (
    "cls-thing cls-nothing1 cls-int1 cls-int2 cls-uni cls-svf1 cls-svf2 cls-avf cls-hv1 cls-hv2 "
    "cls-maxc2 cls-maxqc3 cls-maxqc4 cls-oo"
)
TABLE_7 = "cax-sco cax-eqc1 cax-eqc2"
TABLE_8 = "dt-type2 dt-eq"
TABLE_9 = (
    "scm-cls scm-sco scm-eqc1 scm-eqc2 scm-op scm-dp scm-spo scm-eqp1 scm-eqp2 scm-dom1 scm-dom2 scm-rng1 scm-rng2 "
    "scm-hv scm-svf1 scm-svf2 scm-avf1 scm-avf2 scm-int scm-uni"
)
#: Left out: eq-ref, prp-ap, dt-type1 conclude only what is trivial (docs/reasoner.md).
TABLES = f"{TABLE_4} {TABLE_5} {TABLE_6} {TABLE_7} {TABLE_8} {TABLE_9}".split()
#: Rules that owlrl 7.6.2 does not have: it compares no literals by value.
NOT_IN_OWLRL = {"dt-eq"}


def case(rule: str, name: str) -> Graph:
    return parse(CASES / rule / f"{name}.ttl")


def test_there_is_a_case_for_every_rule_with_a_conclusion() -> None:
    assert sorted(TABLES) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_concludes_what_it_should_and_no_more(rule: str) -> None:
    premises, inferred = case(rule, "premises"), infer(case(rule, "premises")).inferred
    assert set(case(rule, "conclusions")) <= set(inferred)
    assert set(case(rule, "non-conclusions")) & {*premises, *inferred} == set()
    assert len(case(rule, "conclusions")) > 0 < len(case(rule, "non-conclusions"))


@pytest.mark.parametrize("rule", RULES)
def test_owlrl_agrees_where_it_has_the_rule(rule: str) -> None:
    premises = case(rule, "premises")
    agreed = set(infer(premises).inferred) == set(infer(premises, "owlrl").inferred)
    assert agreed == (rule not in NOT_IN_OWLRL)


@pytest.mark.parametrize("rule", RULES)
def test_the_proof_of_a_conclusion_uses_the_rule(rule: str) -> None:
    premises = case(rule, "premises")
    materialization = Materialization.of_graph(premises)
    proofs = [materialization.prove(statement) for statement in case(rule, "conclusions")]
    assert None not in proofs
    assert [problem for proof in proofs if proof for problem in problems(proof, premises)] == []
    rules = {step.rule for proof in proofs if proof for step in proof.steps()}
    assert rule in rules
