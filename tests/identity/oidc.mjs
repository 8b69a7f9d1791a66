// A certified OpenID Connect provider on loopback. Usage: node oidc.mjs PACKAGES PORT REDIRECT_URI
// Whoever the `login_hint` names is signed in without a question; the hint `refuse` says no. After a comma the hint may name
// the methods and the class of the sign-in: `honnin,pwd+mfa,urn:example:strong`.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [packages, port, redirectUri] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${packages}/package.json`));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: "skill", client_secret: "a-secret-of-the-tests", redirect_uris: [redirectUri],
    response_types: ["code"], grant_types: ["authorization_code"],
  }],
  acrValues: ["urn:example:strong", "urn:example:weak"],
  claims: { openid: ["sub", "acr", "amr"], profile: ["preferred_username"] },
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, id) => ({
    accountId: id, claims: () => ({ sub: `sub-of-${id}`, preferred_username: id, email: "honnin@example.lg.jp" }),
  }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
});
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  const { params } = await provider.interactionDetails(ctx.req, ctx.res);
  const [accountId, methods = "pwd", acr = undefined] = params.login_hint.split(",");
  const result = accountId === "refuse"
    ? { error: "access_denied" } : { login: { accountId, acr, amr: methods.split("+") } };
  ctx.respond = false;
  return provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
