"""What the projects of the running cohort show in the directory, and a message from one to another."""

from academy.management.example.story import Story
from cohorts.actions import save_entry, write_to_entry
from cohorts.models import DirectoryEntry


def show_network(story: Story) -> None:
    entries = {}
    plan = dict(story.plan["network"])
    message = plan.pop("message")
    for name, words in plan.items():
        lead = story.lead(name)
        shown = {f"shows_{field}": field in words["shown"] for field in DirectoryEntry.FIELDS}
        shown |= {"audience": words["audience"], "text": words.get("text", {}), "accent": words.get("accent", "")}
        shown |= {"languages": " ".join(words["languages"]), "pillars": " ".join(words.get("pillars", []))}
        shown |= {"contact": lead, "shows_contact": name != "korea", "position": "area" if "town" in words else "country"}
        with story.at(-1, hour=15):
            entries[name] = save_entry(story.projects[name], by=lead, shown=shown, town=words.get("town", ""))
    with story.at(-1, hour=17):
        write_to_entry(entries[message["to"]], by=story.lead(message["from"]), words=message["words"])
