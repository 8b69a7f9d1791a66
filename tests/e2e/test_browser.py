"""The browser tests themselves would notice what they are there to notice."""

import pytest

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_outside_request_and_an_inline_style_are_seen(live):
    live.go("/login/")
    # Element by element: markup in a text is refused by Trusted Types.
    live.evaluate("""() => {
      const image = document.createElement("img"), words = document.createElement("p");
      image.alt = "";
      image.src = "https://example.com/a.png";
      words.setAttribute("style", "color:red");
      document.body.append(words, image);
    }""")
    live.wait_for_function("document.images[document.images.length - 1].complete")
    # A round trip, so that everything reported before it has arrived.
    live.evaluate("new Promise(resolve => setTimeout(resolve, 100))")
    complaints = "\n".join(live.seen.unexpected())
    live.seen.console.clear(), live.seen.outside.clear(), live.seen.csp.clear()
    assert "outside: https://example.com/a.png" in complaints
    assert "csp: img-src https://example.com/a.png" in complaints
    assert "csp: style-src-attr inline" in complaints


def test_an_error_of_a_script_is_seen(live):
    live.go("/login/")
    live.evaluate("setTimeout(() => { throw new Error('planted') })")
    live.evaluate("new Promise(resolve => setTimeout(resolve, 100))")
    assert "planted" in "\n".join(live.seen.unexpected())
    live.seen.expect("planted")
    assert live.seen.unexpected() == []


def test_a_violation_of_wcag_fails_with_its_place(live, axe):
    live.go("/login/")
    live.evaluate("""() => {
      const main = document.createElement("main"), image = document.createElement("img");
      image.src = "/static/img/logo.svg";
      main.append(image);
      document.body.append(main);
    }""")
    with pytest.raises(AssertionError, match=r"image-alt.*\n.*logo\.svg"):
        axe(live)
