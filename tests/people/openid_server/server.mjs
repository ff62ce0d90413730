// An OpenID provider made of the npm package oidc-provider: `node server.mjs PORT PORTAL PEOPLE`.
//
// PEOPLE is a JSON file, read anew at each sign-in: {"alice": {"email": ..., "name": ..., "groups": [...]}}.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const [port, portal, people] = process.argv.slice(2);
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "portal",
      client_secret: "not much of a secret",
      token_endpoint_auth_method: "client_secret_post",
      redirect_uris: [`${portal}/accounts/company/back/`],
      post_logout_redirect_uris: [`${portal}/accounts/login/`],
    },
  ],
  jwks: { keys: [{ ...key, kid: "first", use: "sig", alg: "RS256" }] },
  cookies: { keys: [randomBytes(32).toString("hex")] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  pkce: { required: () => true },
  findAccount: (_context, id) => {
    const person = JSON.parse(readFileSync(people, "utf8"))[id];
    return person && { accountId: id, claims: () => ({ sub: id, email_verified: true, ...person }) };
  },
  features: {
    rpInitiatedLogout: {
      logoutSource: (context, form) => {
        context.body = `<!DOCTYPE html><title>Sign out</title>${form}
          <button type="submit" form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`;
      },
    },
  },
});

provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
