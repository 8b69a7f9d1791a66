"""What the packages that the product stands on hold about people (lib/personal.py)."""

from lib.personal import table

TABLES = (
    table("auth.Permission", "Djangoの権限（使わない）", plain="id name content_type codename"),
    table("auth.Group_permissions", "Djangoのグループの権限（使わない）", plain="id group permission"),
    table("auth.Group", "Djangoのグループ（使わない）", plain="id name"),
    table("contenttypes.ContentType", "表の名前", plain="id app_label model"),
    # A signed number of the person and nothing that was written; ends by itself after ten hours.
    table("sessions.Session", "ログイン中のしるし", plain="expire_date", hidden="session_key session_data"),
    # The number of the order alone (docs/adr/0027).
    table(
        "django_tasks_database.DBTaskResult", "処理の順番",
        plain="id status enqueued_at started_at finished_at args_kwargs priority task_path worker_ids queue_name"
        " backend_name run_after return_value exception_class_path traceback",
    ),
)  # fmt: skip
