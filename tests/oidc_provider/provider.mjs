// A certified OpenID Connect provider at a port, with one client: node provider.mjs PORT CLIENT_ID SECRET REDIRECT_URI
import { Provider } from "oidc-provider";

const [port, client_id, client_secret, redirect_uri] = process.argv.slice(2);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id, client_secret, redirect_uris: [redirect_uri] }],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, email: id, email_verified: !id.startsWith("unverified-"), name: id }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
