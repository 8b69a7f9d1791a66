// A SAML 2.0 identity provider of another maker on loopback. Usage: node saml.mjs PACKAGES PORT ISSUER KEY CERTIFICATE ACS
// GET /sso/NAME?SAMLRequest=… answers as if NAME had signed in, by a page that posts itself to ACS. The query may add
// `methods` (the attribute of AD FS), `sign=response`, `digest=sha1`, and `for`, a certificate to encrypt the assertion for.
// GET /forge is a page of somebody who would like to be let in by junk, GET /out is where its own session ends.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [packages, port, issuer, keyFile, certificateFile, acs] = process.argv.slice(2);
const samlp = createRequire(pathToFileURL(`${packages}/package.json`))("samlp");
const METHODS = "http://schemas.microsoft.com/claims/authnmethodsreferences";

const profile = (user) => ({
  getClaims: () => ({ uid: user.id, ...(user.methods ? { [METHODS]: user.methods } : {}) }),
  getNameIdentifier: () => ({ nameIdentifier: user.id }),
});

const page = (res, answer, script) => {
  res.writeHead(200, { "Content-Type": "text/html" });
  res.end(`<form method="post" action="${acs}"><input name="SAMLResponse" value="${answer}"><button>OK</button></form>${script}`);
};

createServer((req, res) => {
  const asked = new URL(req.url, `http://127.0.0.1:${port}`);
  const query = req.query = Object.fromEntries(asked.searchParams);
  const fail = (error) => { res.writeHead(500); res.end(String(error)); };
  res.send = fail;
  if (asked.pathname === "/out") return res.end("signed out");
  if (asked.pathname === "/forge") return page(res, "anVuaw==", "");
  const user = { id: decodeURIComponent(asked.pathname.replace("/sso/", "")), methods: query.methods };
  const receiver = query.for && readFileSync(query.for, "utf-8");
  samlp.auth({
    issuer, key: readFileSync(keyFile), cert: readFileSync(certificateFile), destination: acs, recipient: acs,
    lifetimeInSeconds: 300, signAssertion: query.sign !== "response", signResponse: query.sign === "response",
    signatureAlgorithm: query.digest === "sha1" ? "rsa-sha1" : "rsa-sha256", digestAlgorithm: query.digest || "sha256",
    ...(receiver ? { encryptionCert: receiver, encryptionPublicKey: receiver,
      encryptionAlgorithm: "http://www.w3.org/2009/xmlenc11#aes256-gcm" } : {}),
    getUserFromRequest: () => user,
    profileMapper: profile,
    getPostURL: (audience, dom, request, done) => done(null, acs),
    responseHandler: (answer) => {
      page(res, answer.toString("base64"), "<script>document.forms[0].submit()</script>");
    },
  })(req, res, fail);
}).listen(Number(port), "127.0.0.1", () => console.log("ready"));
