# with django
"""Users in a database in memory, a view that answers requests of the test client, a template."""

import django
from django.conf import settings

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    ROOT_URLCONF=__name__, SECRET_KEY="secret", ALLOWED_HOSTS=["*"])
django.setup()

from concurrent.futures import ThreadPoolExecutor

from django import forms
from django.contrib.auth.models import User
from django.core.management import call_command
from django.http import JsonResponse
from django.template import Context, Template
from django.test import Client
from django.urls import path, reverse


def first_users(request, number):
    names = User.objects.order_by("id").values_list("username", flat=True)[:number]
    return JsonResponse({"number": number, "users": list(names), "q": request.GET.get("q")})


urlpatterns = [path("first/<int:number>/", first_users, name="first")]


class Entry(forms.Form):
    age = forms.IntegerField(min_value=3)
    mail = forms.EmailField(required=False)


def render(number):
    template = Template("{% for x in items %}{{ x|upper }}{{ forloop.counter }}{% if not forloop.last %}, "
                        "{% endif %}{% empty %}none{% endfor %} {{ text }} {{ number|add:1 }}")
    return template.render(Context({"items": "abc"[:number], "text": "<&>", "number": number}))


call_command("migrate", verbosity=0)
for i in range(15):
    User.objects.create_user(f"user{i}", password=f"p{i}")
print(User.objects.filter(username__startswith="user1").count(),
      [user.username for user in User.objects.order_by("-id")[:3]],
      User.objects.get(username="user3").check_password("p3"))
print(User.objects.filter(id__gt=3).exclude(username__contains="1").query)
client = Client()
for url in reverse("first", args=[3]) + "?q=a%20b", "/none/":
    response = client.get(url)
    print(response.status_code, response.content[:80] if response.status_code == 200 else "")
for data in {"age": "7", "mail": "a@b.org"}, {"age": "2", "mail": "nobody"}:
    form = Entry(data)
    print(form.is_valid(), form.cleaned_data, form.errors.as_json())
print(Entry(initial={"age": 4}).as_p())
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(render, [k % 4 for k in range(40)])))
