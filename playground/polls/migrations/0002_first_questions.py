from django.db import migrations

QUESTIONS = {
    "Who should hash the static files?": {
        "Django": 21,
        "Vite": 34,
        "Either, but only one of them": 89,
    },
    "Where do your static files live?": {
        "In the apps that own them": 55,
        "In one project-level folder": 30,
        "Both": 42,
    },
    "Light or dark?": {
        "Light": 13,
        "Dark": 18,
        "Whatever the system says": 27,
    },
}


def ask(apps, schema_editor):
    Question = apps.get_model("polls", "Question")
    for text, choices in QUESTIONS.items():
        question = Question.objects.create(text=text)
        for choice, votes in choices.items():
            question.choices.create(text=choice, votes=votes)


class Migration(migrations.Migration):
    dependencies = [("polls", "0001_initial")]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
