// A certified client: node client.mjs ISSUER CLIENT_ID SECRET REDIRECT_URI
// Says where the browser is to go, reads where it came back to, and says what it was told.
import * as client from "openid-client";
import { createInterface } from "node:readline";

const [issuer, id, secret, redirect_uri] = process.argv.slice(2);
const config = await client.discovery(new URL(issuer), id, secret, undefined, {
  execute: [client.allowInsecureRequests],
});
const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const words = { redirect_uri, scope: "openid email profile sdes offline_access", state, nonce, code_challenge_method: "S256", max_age: "600" };
words.code_challenge = await client.calculatePKCECodeChallenge(verifier);
console.log(client.buildAuthorizationUrl(config, words).href);
for await (const back of createInterface({ input: process.stdin })) {
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, maxAge: 600, idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(config, new URL(back), checks);
  const claims = tokens.claims();
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  const anew = await client.refreshTokenGrant(config, tokens.refresh_token);
  const again = await client.fetchUserInfo(config, anew.access_token, claims.sub);
  const reused = await client.refreshTokenGrant(config, tokens.refresh_token).then(() => "taken", (refusal) => refusal.error);
  console.log(JSON.stringify({ claims, userinfo, refreshed: anew.claims(), again, reused }));
  break;
}
process.exit(0);
