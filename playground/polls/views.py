from django.contrib import messages
from django.db.models import F, Sum
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST
from django.views.generic import DetailView, ListView

from .models import Question


class QuestionList(ListView):
    queryset = Question.objects.annotate(votes=Sum("choices__votes", default=0))


class QuestionDetail(DetailView):
    queryset = Question.objects.annotate(votes=Sum("choices__votes", default=0))


@require_POST
def vote(request, pk):
    question = get_object_or_404(Question, pk=pk)
    chosen = request.POST.get("choice", "")
    if chosen.isdecimal() and question.choices.filter(pk=chosen).update(votes=F("votes") + 1):
        messages.success(request, "Thank you, your vote is counted.")
    else:
        messages.warning(request, "Please pick one of the answers.")
    return redirect("polls:detail", pk=pk)
