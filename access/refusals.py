"""The refusals of permissions.md as exceptions; access.middleware turns each into its answer."""


class Refusal(Exception):
    """Base of all refusals. `message` is a plain Japanese sentence for the screen."""

    status = 403
    default = "この操作はできません。"

    def __init__(self, message: str = ""):
        super().__init__(message or self.default)
        self.message = message or self.default


class NotVisible(Refusal):
    """Foreign, out of scope or not there: one answer for all three, so that nothing can be told apart."""

    status = 404
    default = "お探しのページは見つかりませんでした。"


class Forbidden(Refusal):
    """The object may be seen, the role may not do this."""

    status = 403
    default = "この操作をする権限がありません。"


class Conflict(Refusal):
    """Allowed, but not in this state or with this version. `detail` is shown and sent as JSON to scripts."""

    status = 409
    default = "ほかの画面で先に変更されました。最新の内容を確かめてください。"

    def __init__(self, message: str = "", *, detail: dict | None = None):
        super().__init__(message)
        self.detail = detail or {}


class Gone(Refusal):
    """It was there for whoever asks, and its time is over."""

    status = 410
    default = "受取りの期限が過ぎました。"


class Invalid(Refusal):
    """The request is malformed in a way that no form of ours sends."""

    status = 422
    default = "送られた内容に誤りがあります。画面を開き直して、もう一度お試しください。"


class TooLarge(Refusal):
    """The upload is larger than allowed."""

    status = 413
    default = "ファイルが大きすぎます。"
