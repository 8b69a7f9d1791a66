"""URLs of gaps."""

app_name = "gaps"

urlpatterns: list = []
