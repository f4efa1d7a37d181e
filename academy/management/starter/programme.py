"""The programme as data: typologies, rubric, pathway. Made once; a later change is a new version, by a coordinator."""

from academy.management.starter.texts import content, key_of, read_yaml
from cohorts.models import (
    AttentionRule,
    Criterion,
    FormQuestion,
    IndicatorDefinition,
    Level,
    Pathway,
    Requirement,
    Rubric,
    RubricPart,
    Stage,
    Typology,
    TypologyCondition,
    TypologyPaper,
    TypologyTerm,
)


def make_typologies() -> int:
    made = 0
    for order, plan in enumerate(read_yaml(content("cohorts") / "typologies.yaml")):
        words = {name: plan[name] for name in ("label", "who", "meaning")}
        typology, is_new = Typology.objects.get_or_create(key=plan["key"], defaults={"sort_order": order, **words})
        if is_new:
            _make_parts(typology, plan)
            made += 1
    return made


def _make_parts(typology: Typology, plan: dict) -> None:
    """What it gives and expects, its conditions, its documents, in the order in which they are written."""
    for place, row in enumerate(plan["terms"]):
        TypologyTerm.objects.create(typology=typology, sort_order=place, kind=row["kind"], text=row["text"], due_in_days=row.get("due"))
    for place, row in enumerate(plan["conditions"]):
        TypologyCondition.objects.create(typology=typology, sort_order=place, **row)
    for place, row in enumerate(plan["papers"]):
        TypologyPaper.objects.create(typology=typology, sort_order=place, **row)


RULES = {  # days of patience, and whose it is
    "silent": (14, "mentor"), "unmoved": (5, "coordinator"), "overdue": (7, "mentor"), "smart_late": (1, "coordinator"),
    "place": (3, "coordinator"), "seat": (1, "coordinator"), "funding": (60, "coordinator"), "gap": (90, "mentor"), "proof": (7, "coordinator"),
    "visa": (3, "coordinator"), "review": (1, "coordinator"),
}  # fmt: skip


def make_rules() -> int:
    """One rule of attention of each kind."""
    made = [AttentionRule.objects.get_or_create(kind=kind, defaults={"days": RULES[kind][0], "falls_to": RULES[kind][1]}) for kind in RULES]
    return sum(is_new for _rule, is_new in made)


def make_indicators() -> int:
    """The first ones, made where there is none at all: later they are the coordinators'."""
    if IndicatorDefinition.objects.exists():
        return 0
    rows = read_yaml(content("cohorts") / "indicators.yaml")
    for place, row in enumerate(rows):
        words = {name: row[name] for name in ("pillar", "kind", "label", "help")}
        IndicatorDefinition.objects.create(sort_order=place, may_be_negative=row.get("negative", False), **words)
    return len(rows)


def make_rubric() -> Rubric:
    """The newest version of the starter rubric, made when there is none of that name."""
    plan = read_yaml(content("cohorts") / "rubric.yaml")
    found = Rubric.objects.filter(key=plan["key"]).order_by("-version").first()
    if found:
        return found
    rubric = Rubric.objects.create(key=plan["key"], version=plan["version"], title=plan["title"], introduction=plan["introduction"])
    for order, part_plan in enumerate(plan["parts"]):
        words = {"label": part_plan["label"], "description": part_plan["description"]}
        part = RubricPart.objects.create(rubric=rubric, sort_order=order, kind=part_plan["kind"], key=part_plan["key"], **words)
        for place, row in enumerate(part_plan["criteria"]):
            words = {"label": row["label"], "description": row["question"]}
            criterion = Criterion.objects.create(part=part, sort_order=place, key=row["key"], **words)
            for value, description in enumerate(row["levels"]):
                label = plan["level_labels"][value]
                Level.objects.create(criterion=criterion, value=value, label=label, description=description)
    return rubric


def make_pathway() -> Pathway:
    """The newest version of the starter pathway, made when there is none of that name."""
    plan = read_yaml(content("cohorts") / "pathway.yaml")
    found = Pathway.objects.filter(key=plan["key"]).order_by("-version").first()
    if found:
        return found
    pathway = Pathway.objects.create(key=plan["key"], version=plan["version"], title=plan["title"], summary=plan["summary"])
    for order, stage_plan in enumerate(plan["stages"]):
        words = {"title": stage_plan["title"], "explanation": stage_plan["explanation"]}
        stage = Stage.objects.create(pathway=pathway, sort_order=order, key=stage_plan["key"], **words)
        for place, row in enumerate(stage_plan["requirements"]):
            requirement = Requirement.objects.create(
                stage=stage,
                sort_order=place,
                key=row["key"],
                kind=row["kind"],
                title=row["title"],
                explanation=row["explanation"],
                mandatory=row.get("mandatory", True),
                owed_by=row["owed_by"],
                offset_days=row.get("due"),
                moment=row.get("moment", ""),
                course_key=key_of(f"course/{row['course']}") if "course" in row else None,
                page_key=key_of(f"wiki/{row['page']}") if "page" in row else None,
                activity_key=key_of(f"assignment/{row['assignment']}") if "assignment" in row else None,
            )
            for number, question in enumerate(row.get("questions", [])):
                FormQuestion.objects.create(requirement=requirement, sort_order=number, **question)
    return pathway
